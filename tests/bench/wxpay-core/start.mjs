/** @module What it costs to have the SDK: time to load it above bare Node, packages that come along, bytes once bundled. */
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
 * @property {number} ms above bare Node
 * @property {number} noise of bare Node in this run, in ms
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
  return { text: table([['require() above bare Node', '', 'goal', 'noise'], ...rows]), missed }
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
      const code = [
        ['bare', '0'],
        ...[...entries].map(([name, entry]) => [name, `require(${JSON.stringify(entry)})`]),
      ]
      for (const [name = '', text = ''] of code.sort(() => Math.random() - 0.5)) {
        times.set(name, [...(times.get(name) ?? []), spawnMs(text)])
      }
    }
    const bare = times.get('bare') ?? []
    const sorted = [...bare].sort((one, other) => one - other)
    const noise =
      (sorted[Math.floor(sorted.length * 0.75)] ?? 0) - (sorted[Math.floor(sorted.length * 0.25)] ?? 0)
    return [...entries.keys()].map((name) => {
      const ms = median((times.get(name) ?? []).map((time, round) => time - (bare[round] ?? 0)))
      const goal = name === 'wxpay-core' ? GOAL_MS : undefined
      const missed =
        goal !== undefined && ms > goal + noise ? `${ms.toFixed(1)} ms, the goal is ${goal} ms` : undefined
      return { name, ms, noise, goal, missed }
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} code */
function spawnMs(code) {
  const from = process.hrtime.bigint()
  execFileSync(process.execPath, ['-e', code], { cwd: bench, stdio: 'ignore' })
  return Number(process.hrtime.bigint() - from) / 1e6
}
