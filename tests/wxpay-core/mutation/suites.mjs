/**
 * @module Runs jest suites without jest: the few words of it that the tests of wxpay-core use, in one process, with every module
 * of ours made anew for each run and compiled once. Milliseconds where jest needs tenths of a second.
 */
import fs from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'

const root = path.resolve(import.meta.dirname, '../../..')
const fromRoot = createRequire(path.join(root, 'package.json'))
// jest's own parts, from the packages that bring them.
const fromJest = createRequire(fromRoot.resolve('jest-environment-node'))
const { expect } = createRequire(fromRoot.resolve('@types/jest/package.json'))('expect')
const { ModuleMocker } = fromJest('jest-mock')
const { ModernFakeTimers } = fromJest('@jest/fake-timers')
const { transformSync } = fromRoot('@swc/core')

const { setTimeout, clearTimeout } = globalThis
const mocker = new ModuleMocker(globalThis)
const timers = new ModernFakeTimers({
  global: globalThis,
  config: { fakeTimers: {}, rootDir: root, testEnvironmentOptions: {} },
})

/** Packages that the suites get something else for. @type {Map<string, object>} */
export const instead = new Map()

/** How long a test or a hook may take: a change may make it wait for ever. The slowest test needs half a second. */
const PATIENCE_MS = { test: 3_000, hook: 10_000 }

/**
 * @typedef {{ id: string, suite: string, run: () => unknown, block: Block }} Test
 * @typedef {{ name: string, parent: Block | undefined, entries: (Test | Block)[], before: Hook[], after: Hook[], first: Hook[], last: Hook[] }} Block
 * @typedef {() => unknown} Hook
 */

/** The block that is being described. @type {Block} */
let current = blockOf('', undefined)

/** @param {string} name @param {Block | undefined} parent @returns {Block} */
function blockOf(name, parent) {
  return { name, parent, entries: [], before: [], after: [], first: [], last: [] }
}

/** @param {string} name @param {() => void} body */
function describe(name, body) {
  const block = blockOf(`${current.name}${name} › `, current)
  current.entries.push(block)
  current = block
  body()
  current = /** @type {Block} */ (block.parent)
}

/** @param {string} name @param {() => unknown} run */
function test(name, run) {
  current.entries.push({ id: `${current.name}${name}`, suite: '', run, block: current })
}

/** The rows of a table are numbered: their titles need not be read, only be different. */
const eachOf =
  (/** @type {(name: string, body: () => void) => void} */ declare) =>
  (/** @type {readonly unknown[]} */ rows) =>
  (/** @type {string} */ name, /** @type {(...row: any[]) => void} */ body) => {
    for (const [index, row] of rows.entries())
      declare(`${name} #${index + 1}`, () => (Array.isArray(row) ? body(...row) : body(row)))
  }
describe.each = eachOf(describe)
test.each = eachOf(test)

Object.assign(globalThis, {
  describe,
  test,
  expect,
  beforeAll: (/** @type {Hook} */ hook) => current.first.push(hook),
  afterAll: (/** @type {Hook} */ hook) => current.last.push(hook),
  beforeEach: (/** @type {Hook} */ hook) => current.before.push(hook),
  afterEach: (/** @type {Hook} */ hook) => current.after.push(hook),
  jest: {
    spyOn: mocker.spyOn.bind(mocker),
    restoreAllMocks: () => mocker.restoreAllMocks(),
    useFakeTimers: (/** @type {object | undefined} */ options) => timers.useFakeTimers(options),
    useRealTimers: () => timers.useRealTimers(),
    getTimerCount: () => timers.getTimerCount(),
    advanceTimersByTimeAsync: (/** @type {number} */ ms) => timers.advanceTimersByTimeAsync(ms),
  },
})

/**
 * Runs the tests of one suite that are asked for.
 *
 * @param {string} suite a file
 * @param {{ wants: (id: string) => boolean, starts?: (id: string | undefined) => void, untilFailure: boolean }} options
 * @returns {Promise<{ id: string, ms: number, failure: string | undefined }[]>}
 */
export async function runSuite(suite, { wants, starts = () => {}, untilFailure }) {
  /** @type {{ id: string, ms: number, failure: string | undefined }[]} */
  const results = []
  const top = blockOf(`${path.basename(suite, '.test.ts')}: `, undefined)
  current = top
  try {
    freshModules()(suite)
    await runBlock(top)
  } catch (error) {
    // What fails outside of a test (a module that cannot be loaded, a hook for all) fails all of them.
    results.push({ id: top.name, ms: 0, failure: String(error) })
  }
  return results

  /** @param {Block} block @returns {boolean} */
  function hasWanted(block) {
    return block.entries.some((entry) => ('run' in entry ? wants(entry.id) : hasWanted(entry)))
  }

  /** @param {Block} block */
  async function runBlock(block) {
    if (!hasWanted(block)) return
    try {
      for (const hook of block.first) await inTime(hook, PATIENCE_MS.hook)
      for (const entry of block.entries) {
        if (untilFailure && results.some(({ failure }) => failure !== undefined)) break
        if (!('run' in entry)) await runBlock(entry)
        else if (wants(entry.id)) await runTest(entry)
      }
    } finally {
      for (const hook of block.last) await inTime(hook, PATIENCE_MS.hook)
    }
  }

  /** @param {Test} entry */
  async function runTest({ id, run, block }) {
    const blocks = []
    for (let one = /** @type {Block | undefined} */ (block); one !== undefined; one = one.parent)
      blocks.push(one)
    starts(id)
    const startedAt = performance.now()
    /** @type {unknown[]} */
    const failures = []
    const attempt = (/** @type {Hook} */ body, /** @type {number} */ ms) =>
      inTime(body, ms).catch((error) => failures.push(error))
    for (const { before } of blocks.toReversed())
      for (const hook of before) if (failures.length === 0) await attempt(hook, PATIENCE_MS.hook)
    if (failures.length === 0) await attempt(run, PATIENCE_MS.test)
    for (const { after } of blocks) for (const hook of after) await attempt(hook, PATIENCE_MS.hook)
    starts(undefined)
    const failure = failures.length === 0 ? undefined : String(failures[0])
    results.push({ id, ms: performance.now() - startedAt, failure })
  }
}

/** @param {Hook} body @param {number} ms */
async function inTime(body, ms) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), ms)
  })
  try {
    await Promise.race([body(), tooLong])
  } finally {
    clearTimeout(timer)
  }
}

/** @typedef {(exports: object, require: (name: string) => unknown, module: { exports: object }, dirname: string, filename: string) => void} Wrapper */

/** @type {Map<string, { run: Wrapper, resolve: (name: string) => string }>} */
const compiled = new Map()

/** A registry of modules of its own: what one change has done to a module is gone with it. Packages of others are shared. */
function freshModules() {
  /** @type {Map<string, { exports: object }>} */
  const modules = new Map()
  return load

  /** @param {string} file @returns {object} */
  function load(file) {
    const known = modules.get(file)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(file, module)
    const { run, resolve } = compile(file)
    const require = (/** @type {string} */ name) => {
      if (isBuiltin(name)) return fromRoot(name)
      const found = resolve(name)
      return isOurs(found) ? load(found) : (instead.get(name) ?? fromRoot(found))
    }
    run(module.exports, require, module, path.dirname(file), file)
    return module.exports
  }
}

/** @param {string} file */
function isOurs(file) {
  return file.startsWith(root + path.sep) && file.endsWith('.ts') && !file.includes('node_modules')
}

/** @param {string} file */
function compile(file) {
  const known = compiled.get(file)
  if (known !== undefined) return known
  const { code } = transformSync(fs.readFileSync(file, 'utf8'), {
    filename: file,
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  })
  const run = vm.compileFunction(code, ['exports', 'require', 'module', '__dirname', '__filename'], {
    filename: file,
  })
  const own = createRequire(file)
  /** @type {Map<string, string>} */
  const places = new Map()
  const resolve = (/** @type {string} */ name) => {
    const place = places.get(name) ?? own.resolve(name)
    places.set(name, place)
    return place
  }
  const made = { run: /** @type {Wrapper} */ (run), resolve }
  compiled.set(file, made)
  return made
}
