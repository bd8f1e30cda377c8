/** @module One subject in a process of its own: makes the calls that it is told to, and says what they cost. */
import { collectGarbage } from '../lib/compare.mjs'
import { scenarios } from './calls-subjects.mjs'

const [, , scenario = '', subject = '', baseUrl = ''] = process.argv
const call = await scenarios[scenario]?.subjects[subject]?.(baseUrl)
if (call === undefined) throw new Error(`nothing to measure: ${scenario}, ${subject}`)

/** Processor time of the whole process for one call, its garbage collector's and compiler's included, in µs. */
async function cpuOf(/** @type {number} */ calls) {
  const from = process.cpuUsage()
  for (let index = 0; index < calls; index += 1) await call?.()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / calls
}

process.on('message', async (/** @type {{ calls: number }} */ { calls }) => {
  // Asleep since its last turn: a connection that was closed meanwhile, and caches that others have filled, are no cost of
  // a call.
  const unmeasured = Math.min(calls, 10)
  for (let index = 0; index < unmeasured; index += 1) await call()
  collectGarbage({ type: 'minor' })
  process.send?.({ us: await cpuOf(calls), made: unmeasured + calls })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })
