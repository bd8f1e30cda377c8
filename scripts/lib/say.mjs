/** @module What the commands print: headings, one line of progress, and plain sentences about failures. */

const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
/** @param {string} text */
export const bold = (text) => (colour ? `\u001b[1m${text}\u001b[22m` : text)

/** @param {string} text */
export const heading = (text) => console.log(`\n${bold(`── ${text}`)}`)

/** @param {number} ms */
export const seconds = (ms) => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`)

/** @param {number} bytes */
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KB`

/**
 * Prints why a command stops, apart from everything above it.
 *
 * @param {string} message
 */
export const complain = (message) => console.error(`\n  ${message.split('\n').join('\n  ')}\n`)

/** How often a log file (no terminal) hears that something long is still going on. */
const LOG_INTERVAL_MS = 5_000

/**
 * One line that says what is going on and for how long: redrawn on a terminal, repeated every 5 s in a log.
 *
 * @param {string} title
 * @param {NodeJS.WriteStream} to
 */
export function progress(title, to = process.stdout) {
  const started = Date.now()
  const terminal = to.isTTY === true
  let detail = ''
  let lastLogged = started
  const draw = () => {
    const now = Date.now()
    const text = `${title} … ${seconds(now - started)}${detail === '' ? '' : ` · ${detail}`}`
    if (terminal) {
      to.write(`\r\u001b[2K${text.slice(0, (to.columns ?? 80) - 1)}`)
    } else if (now - lastLogged >= LOG_INTERVAL_MS) {
      lastLogged = now
      to.write(`${text}\n`)
    }
  }
  if (!terminal) to.write(`${title} …\n`)
  const timer = setInterval(draw, terminal ? 200 : 1_000)
  return {
    /** @param {string} text */
    detail(text) {
      detail = text
    },
    /** @param {string} outcome printed in the place of the moving line */
    end(outcome) {
      clearInterval(timer)
      if (terminal) to.write('\r\u001b[2K')
      to.write(`${title}: ${outcome}, ${seconds(Date.now() - started)}\n`)
    },
  }
}
