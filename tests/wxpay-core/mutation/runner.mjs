/**
 * @module Stryker's way to the tests of wxpay-core: for each change the tests that reach it, quickest suite first, until one
 * notices. Its own jest runner starts jest for each change, and with it every suite: a minute where this needs milliseconds.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { instead, runSuite } from './suites.mjs'

const tests = path.resolve(import.meta.dirname, '../..')

/** These run what is built, other SDKs or the compiler, or only need a whole sandbox: what only they notice counts as unnoticed. */
const LEFT_OUT = /(?:package|published|readme|peers|oracles|docstrings|types|against-the-sandbox)\.test\.ts$/

const suites = ['wxpay-core', 'vectors']
  .flatMap((folder) => fs.readdirSync(path.join(tests, folder)).map((name) => path.join(tests, folder, name)))
  .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.test(file))

// The same values for every change, fewer of them, and the first that fails is enough.
const fc = createRequire(path.join(tests, 'package.json'))('fast-check')
fc.configureGlobal({ seed: 1, endOnFailure: true })
instead.set('fast-check', {
  ...fc,
  assert: (/** @type {any} */ property, /** @type {any} */ options) =>
    fc.assert(property, options?.seed === undefined ? { ...options, numRuns: 25 } : options),
})

// What nobody waits for is no test's finding.
process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})

/** What Stryker's instrumented code asks for the change that is on, and tells what it reached. */
const namespace = {
  /** @type {string | undefined} */ activeMutant: undefined,
  /** @type {string | undefined} */ currentTestId: undefined,
  /** @type {number | undefined} */ hitCount: undefined,
  /** @type {number | undefined} */ hitLimit: undefined,
  /** @type {any} */ mutantCoverage: undefined,
}
Object.assign(globalThis, { __stryker__: namespace })

// In a file, because a worker that hung is replaced by another one, which has seen no dry run.
const memory = process.env.MUTATION_MEMORY ?? ''
/** @type {Reach | undefined} */
let known

/** Stryker's `TestStatus`. */
const SUCCESS = 0
const FAILED = 1

const runner = {
  capabilities: () => ({ reloadEnvironment: true }),

  async init() {
    if (fs.existsSync(memory)) return
    // A first time, so that the dry run measures the tests and not the compiler.
    for (const suite of suites) await runSuite(suite, { wants: () => true, untilFailure: false })
  },

  async dryRun() {
    namespace.mutantCoverage = undefined
    const all = []
    /** @type {Reach} */
    const reach = { tests: {}, suites: {}, testMs: {}, startMs: {} }
    for (const suite of suites) {
      const startedAt = performance.now()
      const results = await runSuite(suite, {
        wants: () => true,
        starts: (id) => {
          namespace.currentTestId = id
        },
        untilFailure: false,
      })
      reach.startMs[suite] = results.reduce((rest, { ms }) => rest - ms, performance.now() - startedAt)
      for (const { id, ms, failure } of results) {
        reach.suites[id] = suite
        reach.testMs[id] = ms
        all.push({
          id,
          name: id,
          fileName: suite,
          timeSpentMs: ms,
          ...(failure === undefined ? { status: SUCCESS } : { status: FAILED, failureMessage: failure }),
        })
      }
    }
    const { mutantCoverage } = namespace
    for (const [test, changes] of Object.entries(mutantCoverage.perTest)) {
      for (const change of Object.keys(changes)) {
        const known = reach.tests[change]
        if (known === undefined) reach.tests[change] = [test]
        else known.push(test)
      }
    }
    fs.writeFileSync(memory, JSON.stringify(reach))
    return { status: 'complete', tests: all, mutantCoverage }
  },

  /** @param {{ activeMutant: { id: string }, testFilter?: string[], sandboxFileName: string, hitLimit?: number }} options */
  async mutantRun({ activeMutant, testFilter, sandboxFileName, hitLimit: hundredfold }) {
    known ??= JSON.parse(fs.readFileSync(memory, 'utf8'))
    const reach = /** @type {Reach} */ (known)
    // Stryker waits for a hundred times as many rounds as before; what goes round ten times as often goes on for ever.
    const hitLimit = hundredfold === undefined ? undefined : hundredfold / 10
    Object.assign(namespace, { hitCount: hitLimit && 0, hitLimit })
    namespace.activeMutant = activeMutant.id
    let ran = 0
    try {
      for (const wanted of stagesOf({ testFilter, sandboxFileName }, reach)) {
        for (const suite of quickestFirst(wanted, reach)) {
          const results = await runSuite(suite, { wants: (id) => wanted.has(id), untilFailure: true })
          ran += results.length
          if (namespace.hitCount !== undefined && hitLimit !== undefined && namespace.hitCount > hitLimit)
            return { status: 'timeout', reason: 'it ran ten times as often as before' }
          const failed = results.find(({ failure }) => failure !== undefined)
          if (failed !== undefined)
            return { status: 'killed', killedBy: [failed.id], failureMessage: failed.failure, nrOfTests: ran }
        }
      }
      return { status: 'survived', nrOfTests: ran }
    } finally {
      namespace.activeMutant = undefined
    }
  },
}

/**
 * @typedef {{ tests: Record<string, string[]>, suites: Record<string, string>, testMs: Record<string, number>, startMs: Record<string, number> }} Reach
 *   the tests that reach a change, the suite of a test, and the milliseconds of a test and of all that a suite does besides
 */

/**
 * A change that works while its file is loaded has no tests of its own: those of its file come first, then all.
 *
 * @param {{ testFilter: string[] | undefined, sandboxFileName: string }} change
 * @param {Reach} reach
 * @returns {ReadonlySet<string>[]}
 */
function stagesOf({ testFilter, sandboxFileName }, reach) {
  if (testFilter !== undefined) return [new Set(testFilter)]
  // Stryker has written the numbers of its changes into the file.
  const changes = fs.readFileSync(sandboxFileName, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g)
  const near = new Set([...changes].flatMap(([, change = '']) => reach.tests[change] ?? []))
  return [near, new Set(Object.keys(reach.suites).filter((id) => !near.has(id)))]
}

/** @param {ReadonlySet<string>} wanted @param {Reach} reach */
function quickestFirst(wanted, reach) {
  /** @type {Map<string, number>} */
  const costs = new Map()
  for (const id of wanted) {
    const suite = reach.suites[id] ?? ''
    costs.set(suite, (costs.get(suite) ?? reach.startMs[suite] ?? 0) + (reach.testMs[id] ?? 0))
  }
  return [...costs].sort(([, one], [, other]) => one - other).map(([suite]) => suite)
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'wxpay-core', factory: () => runner }]
