/**
 * @module How long a cloud function's bundle takes to load, above bare Node.js, next to `wx-server-sdk` alone: what a
 * shopper waits for when no instance is warm.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { bundleCloudFunction, CLOUD_FUNCTIONS } from '../../../scripts/build/cloud-functions.mjs'
import { at, median, shuffled } from '../lib/compare.mjs'
import { table } from '../lib/print.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
/** Of what `wx-server-sdk` costs above bare Node.js. */
const GOALS = /** @type {const} */ ({ postgres: 0.4, cloudbase: 1.25 })

/** @returns {Promise<{ text: string, missed: string[] }>} */
export async function measure() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-cold-'))
  try {
    const subjects = await makeSubjects(folder)
    /** @type {Map<string, number>[]} */
    const rounds = []
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push(new Map(shuffled([...subjects]).map(({ name, file }) => [name, loadingMs(file)])))
    const above = (/** @type {string} */ name) =>
      rounds.map((times) => at(times, name) - at(times, 'bare Node.js'))
    const sdk = above(SDK)
    // The SDK once more, under another name: what differs between the two is noise and nothing else.
    const noise = median(above(SDK_AGAIN).map((ms, i) => Math.abs(ms / (sdk[i] ?? Number.NaN) - 1)))
    /** @type {string[]} */
    const missed = []
    const lines = subjects.flatMap(({ name, goal, bytes }) => {
      if (name === 'bare Node.js' || name === SDK_AGAIN) return []
      const ratio = median(above(name).map((ms, i) => ms / (sdk[i] ?? Number.NaN)))
      if (goal !== undefined && ratio > goal * (1 + noise))
        missed.push(`cold start of ${name}: ${ratio.toFixed(2)}x of wx-server-sdk, the goal is ${goal}x`)
      return [
        [
          name,
          `${(bytes / 1024).toFixed(0)} KB`,
          `${median(above(name)).toFixed(0)} ms`,
          `${ratio.toFixed(2)}×`,
          goal === undefined ? '' : `≤ ${goal}×`,
        ],
      ]
    })
    const head = ['', 'size', 'above bare', 'of the SDK', 'goal']
    return {
      text: `${table([head, ...lines])}\nbare Node.js ${median(rounds.map((times) => at(times, 'bare Node.js'))).toFixed(0)} ms; noise ±${Math.round(noise * 100)} %`,
      missed,
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const SDK = 'wx-server-sdk alone'
const SDK_AGAIN = `${SDK}, again`

/** @param {string} folder */
const makeSubjects = async (folder) => {
  const write = (/** @type {string} */ name, /** @type {Uint8Array | string} */ contents) => {
    const file = path.join(folder, `${name}.cjs`)
    fs.writeFileSync(file, contents)
    return { file, bytes: Buffer.byteLength(contents) }
  }
  const sdk = write('sdk', await bundleOfSdk())
  /** @type {{ name: string, file: string, bytes: number, goal?: number }[]} */
  const subjects = [
    { name: 'bare Node.js', ...write('bare', '') },
    { name: SDK, ...sdk },
    { name: SDK_AGAIN, ...sdk },
  ]
  for (const store of /** @type {const} */ (['postgres', 'cloudbase']))
    for (const name of CLOUD_FUNCTIONS) {
      const { parts } = await bundleCloudFunction({ name, store })
      const code = parts.get('index.js')
      if (code === undefined) throw new Error(`${name} has no index.js`)
      subjects.push({ name: `${name}, ${store}`, ...write(`${store}-${name}`, code), goal: GOALS[store] })
    }
  return subjects
}

/** Bundled as our functions are. */
const bundleOfSdk = async () => {
  const store = createRequire(import.meta.url).resolve('wx-server-sdk')
  const { outputFiles } = await build({
    entryPoints: [store],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
  })
  return outputFiles[0]?.contents ?? ''
}

/** @param {string} file */
const loadingMs = (file) => {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} does not load:\n${stderr}`)
  return performance.now() - startedAt
}
