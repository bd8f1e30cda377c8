/**
 * @module Compares ways to do one thing, round by round in random order, as ratios to a floor.
 *
 * A ratio is the median of the rounds' ratios, each of neighbours in time, so that a busy machine slows both. The noise of a
 * run is what that median can be wrong by, not how far single rounds stray: the floor is measured twice, as if its second
 * measurement were somebody else's; the median of those ratios would be 1, and how far its confidence interval reaches away
 * from 1 is the noise.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * @typedef {object} Comparison
 * @property {string} title
 * @property {() => unknown} floor the least that has to be done, without any check
 * @property {() => unknown} ours
 * @property {Readonly<Record<string, () => unknown>>} peers
 * @property {number | undefined} [goal] the most that ours may cost, in floors
 * @property {string} [ahead] a peer that ours must not be slower than
 * @property {number} [batch] how many go at once; for things that wait (promises)
 *
 * @typedef {object} Result
 * @property {string} title
 * @property {number} floorUs
 * @property {number} ours median over rounds of ours ÷ floor of the same round
 * @property {Record<string, number>} peers
 * @property {number} noise how far the floor may seem to differ from itself in this run: 0.05 is 5 %
 * @property {number | undefined} goal
 * @property {string | undefined} missed why a goal was missed, if it was
 */

setFlagsFromString('--expose-gc')
/** @type {(options: { type: 'minor' }) => void} */
export const collectGarbage = runInNewContext('gc')

/** Rounds and their length: enough that a busy machine shows in `noise`, not in the ratios. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 21)
const NOISE_WANTED = 0.02
const MS = Number(process.env.BENCH_MS ?? 40)
const WARM_MS = 400

/**
 * @param {Comparison} comparison
 * @returns {Promise<Result>}
 */
export async function compare({ title, floor, ours, peers, goal, ahead, batch = 1 }) {
  const cases = new Map([
    ['floor', floor],
    // The floor once more, under another name: what differs between the two is noise and nothing else.
    ['again', floor],
    ['ours', ours],
    ...Object.entries(peers),
  ])
  // Long enough that every case is compiled: asynchronous ones take their time.
  for (const run of cases.values()) await timed(run, batch, WARM_MS)
  /** @type {Map<string, number>[]} */
  const rounds = []
  while (!isEnough(rounds, ROUNDS, NOISE_WANTED)) {
    const times = new Map()
    for (const name of shuffled([...cases.keys()])) {
      // What one leaves behind, the next would have to clear away.
      collectGarbage({ type: 'minor' })
      times.set(name, await timed(/** @type {() => unknown} */ (cases.get(name)), batch, MS))
    }
    rounds.push(times)
  }
  const ratio = (/** @type {string} */ name) => rounds.map((times) => at(times, name) / at(times, 'floor'))
  const noise = noiseOf(ratio('again'))
  const result = {
    title,
    floorUs: median(rounds.map((times) => at(times, 'floor'))) / 1_000,
    ours: median(ratio('ours')),
    peers: Object.fromEntries(Object.keys(peers).map((name) => [name, median(ratio(name))])),
    noise,
    goal,
  }
  return { ...result, missed: missedGoal(result, ahead) }
}

/**
 * A goal is missed when it is missed by more than this run can be wrong.
 *
 * @param {Omit<Result, 'missed'>} result
 * @param {string} [ahead]
 */
export function missedGoal({ ours, peers, goal, noise }, ahead) {
  if (goal !== undefined && ours > goal * (1 + noise)) return `${ours.toFixed(2)}x, the goal is ${goal}x`
  const peer = ahead === undefined ? undefined : peers[ahead]
  return peer !== undefined && ours > peer * (1 + noise) ? `slower than ${ahead}` : undefined
}

/** @param {readonly { title: string, missed?: string | undefined }[]} results */
export function missedIn(results) {
  return results.flatMap(({ title, missed }) => (missed === undefined ? [] : [`${title}: ${missed}`]))
}

/**
 * Nanoseconds for one, over about `ms` milliseconds: of the processor where one follows the other, because a neighbour who
 * takes it away for a while is not our cost; of the wall where several wait at once.
 *
 * @param {() => unknown} run
 * @param {number} batch
 * @param {number} ms
 */
async function timed(run, batch, ms) {
  const end = process.hrtime.bigint() + BigInt(ms) * 1_000_000n
  const fromWall = process.hrtime.bigint()
  const fromCpu = process.cpuUsage()
  let count = 0
  let now = fromWall
  while (now < end) {
    // The clock costs as much as the smallest thing measured here, so it is not asked every time.
    for (let index = 0; index < 16; index += 1) {
      if (batch === 1) {
        const made = run()
        if (made instanceof Promise) await made
      } else {
        await Promise.all(Array.from({ length: batch }, run))
      }
    }
    count += 16 * batch
    now = process.hrtime.bigint()
  }
  if (batch > 1) return Number(now - fromWall) / count
  const { user, system } = process.cpuUsage(fromCpu)
  return ((user + system) * 1_000) / count
}

/**
 * Whether the floor is known well enough, or three times the rounds were of no use. It is the noise of the floor that decides,
 * never what ours took.
 *
 * @param {readonly ReadonlyMap<string, number>[]} rounds
 * @param {number} least
 * @param {number} noiseWanted
 */
export function isEnough(rounds, least, noiseWanted) {
  if (rounds.length < least) return false
  return (
    rounds.length >= least * 3 ||
    noiseOf(rounds.map((times) => at(times, 'again') / at(times, 'floor'))) <= noiseWanted
  )
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * How far from 1 the median of these ratios can be, with 95 % confidence: the furthest end of the interval that the order of
 * the values gives, whatever their distribution.
 *
 * @param {readonly number[]} ratios of the floor to itself
 */
export function noiseOf(ratios) {
  const sorted = [...ratios].sort((one, other) => one - other)
  const reach = 0.98 * Math.sqrt(sorted.length)
  const low = Math.max(0, Math.floor((sorted.length - 1) / 2 - reach))
  const ends = [sorted[low], sorted[sorted.length - 1 - low]]
  return Math.max(...ends.map((end) => Math.abs((end ?? Number.NaN) - 1)))
}

/**
 * @template T
 * @param {T[]} list
 */
export function shuffled(list) {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1))
    const held = /** @type {T} */ (list[index])
    list[index] = /** @type {T} */ (list[other])
    list[other] = held
  }
  return list
}

/**
 * @param {ReadonlyMap<string, number>} times
 * @param {string} name
 */
export function at(times, name) {
  return times.get(name) ?? Number.NaN
}
