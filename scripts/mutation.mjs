/**
 * @module `npm run mutation`: changes wxpay-core in small ways, one at a time, and counts the changes that no test notices.
 * Takes long, so it is not part of `npm test`. `npm run mutation -- packages/wxpay-core/src/json.ts` tries some files.
 */
import './lib/require-node.mjs'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot, ROOT } from './lib/root.mjs'

await ensureInstalled('all')

/** Where a mistake costs money or believes a stranger: every change there must be noticed. */
const VITAL = [
  'yuan.ts',
  'json.ts',
  'base64.ts',
  'advice.ts',
  'v2/sign.ts',
  'v2/xml.ts',
  'v2/req-info.ts',
  'v3/sign.ts',
  'v3/aes-gcm.ts',
  'v3/verifier.ts',
].map((name) => `packages/wxpay-core/src/${name}`)

const tests = createRequire(inRoot('tests', 'package.json'))
const packageFolder = (/** @type {string} */ name) => path.dirname(tests.resolve(`${name}/package.json`))
const files = process.argv.slice(2)
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-mutation-'))
const config = path.join(scratch, 'stryker.config.json')
fs.writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'jest',
    plugins: [path.join(packageFolder('@stryker-mutator/jest-runner'), 'dist', 'src', 'index.js')],
    coverageAnalysis: 'perTest',
    // A change to what runs while a file is loaded (a table, a pattern) needs every test again: minutes for each. ALL=1.
    ignoreStatic: process.env.ALL !== '1',
    mutate: files.length === 0 ? VITAL : files,
    jest: { configFile: 'tests/wxpay-core/jest.mutation.config.mjs', enableFindRelatedTests: false },
    // In place, because the packages of the workspace are links that a copy would not have; Stryker puts everything back.
    inPlace: true,
    reporters: ['clear-text', 'progress-append-only', 'json'],
    jsonReporter: { fileName: path.join(scratch, 'mutation.json') },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
    thresholds: { high: 100, low: 90, break: 90 },
    timeoutMS: 10_000,
    concurrency: Math.max(1, os.availableParallelism() - 1),
    tempDirName: path.join(scratch, 'tmp'),
    allowConsoleColors: false,
    disableTypeChecks: false,
  }),
)
const cli = path.join(packageFolder('@stryker-mutator/core'), 'bin', 'stryker.js')
const child = spawn(process.execPath, [cli, 'run', config], { cwd: ROOT, stdio: 'inherit' })
child.on('close', (code) => {
  fs.rmSync(scratch, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
