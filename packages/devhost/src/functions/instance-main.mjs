/**
 * @module Runs one cloud function in a process of its own, as the platform's runtime does: loads the bundle with the first
 * event, sets the context of a call in the environment, answers in JSON.
 */
import { createRequire } from 'node:module'

/**
 * @typedef {object} Invocation
 * @property {number} id
 * @property {unknown} event
 * @property {unknown} context
 * @property {Record<string, string>} environment the context of this call
 * @property {number} clockOffsetMs how far the shop's clock is ahead of the machine's
 */

/**
 * @typedef {object} Bundle
 * @property {(event: unknown, context: unknown) => Promise<unknown>} main
 * @property {(clock: () => number) => void} useClock
 */

const [folder = ''] = process.argv.slice(2)
const require = createRequire(import.meta.url)
/** @type {Bundle | undefined} */
let bundle

process.on('message', (/** @type {Invocation} */ invocation) => void serve(invocation))
// Whoever started this process is gone.
process.on('disconnect', () => process.exit())

/** @param {Invocation} invocation */
async function serve({ id, event, context, environment, clockOffsetMs }) {
  Object.assign(process.env, environment)
  try {
    bundle ??= /** @type {Bundle} */ (require(folder))
    // The platform's clock is the machine's; a local shop follows the sandbox's.
    bundle.useClock(() => Date.now() + clockOffsetMs)
    const answer = await bundle.main(event, context)
    send({ id, answer: JSON.stringify(answer ?? null), leftTimers: countTimers() })
  } catch (error) {
    send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

/** What would go on after the answer, when the platform has frozen the process. */
const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

/** @param {object} message */
const send = (message) => process.send?.(message)
