/** @module Ends this process politely when the npm that started it is killed. */

const LOOK_EVERY_MS = 500

/**
 * npm passes SIGTERM on to the shell between it and us, and the shell dies of it alone: whoever stops `npm start`,
 * `npm run serve` or `npm test` from a script or a supervisor would leave this process behind, with its ports and its
 * data. A process whose parent has died has another one, so it can tell. Windows gives it no other parent; there,
 * nothing is done.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK_EVERY_MS)
  timer.unref()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      // Told directly, perhaps together with npm: telling it again would look like impatience.
      clearInterval(timer)
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    })
  }
}
