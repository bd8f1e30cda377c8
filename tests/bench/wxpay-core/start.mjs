/** @module What it costs to have the SDK: processor time to load it, packages that come along, bytes once bundled. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWxpayCore } from '../../../scripts/build/wxpay-core.mjs'
import { median } from '../lib/compare.mjs'
import { table } from '../lib/print.mjs'

const require = createRequire(import.meta.url)
const bench = fileURLToPath(new URL('..', import.meta.url))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
const GOAL_MS = 10

const peers = ['tenpay', 'wechatpay-node-v3', 'wechatpay-axios-plugin', 'node-easywechat']

/**
 * @typedef {object} Start
 * @property {string} name
 * @property {number} ms of processor time, above bare Node
 * @property {number} noise half of the middle half of the rounds, in ms
 * @property {number | undefined} goal
 * @property {string | undefined} missed
 */

/** @returns {Promise<{ text: string, missed: string[] }>} */
export async function measure() {
  const starts = await run()
  const rows = starts.map(({ name, ms, noise, goal }) => [
    name,
    `${ms.toFixed(1)} ms`,
    goal === undefined ? '' : `≤ ${goal} ms`,
    `±${noise.toFixed(1)} ms`,
  ])
  const missed = starts.flatMap(({ name, missed: why }) =>
    why === undefined ? [] : [`require('${name}'): ${why}`],
  )
  return { text: table([['require(), processor time', '', 'goal', 'noise'], ...rows]), missed }
}

/** @returns {Promise<Start[]>} */
async function run() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-bench-'))
  try {
    await buildWxpayCore({ outDir: folder })
    const entries = new Map([
      ['wxpay-core', folder],
      ...peers.map((name) => /** @type {const} */ ([name, require.resolve(name)])),
    ])
    /** @type {Map<string, number[]>} */
    const times = new Map()
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, entry] of [...entries].sort(() => Math.random() - 0.5)) {
        times.set(name, [...(times.get(name) ?? []), loadMs(entry)])
      }
    }
    return [...entries.keys()].map((name) => {
      const sorted = [...(times.get(name) ?? [])].sort((one, other) => one - other)
      const at = (/** @type {number} */ part) => sorted[Math.floor(sorted.length * part)] ?? 0
      const noise = (at(0.75) - at(0.25)) / 2
      const ms = median(sorted)
      const goal = name === 'wxpay-core' ? GOAL_MS : undefined
      const missed =
        goal !== undefined && ms > goal + noise ? `${ms.toFixed(1)} ms, the goal is ${goal} ms` : undefined
      return { name, ms, noise, goal, missed }
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Processor time that loading takes in a fresh process, so that neither Node's own start nor a busy neighbour is in it.
 *
 * @param {string} entry
 */
function loadMs(entry) {
  const code = `const from = process.cpuUsage(); require(${JSON.stringify(entry)}); const { user, system } = process.cpuUsage(from); console.log((user + system) / 1000)`
  return Number(execFileSync(process.execPath, ['-e', code], { cwd: bench, encoding: 'utf8' }))
}
