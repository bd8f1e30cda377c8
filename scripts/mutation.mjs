/**
 * @module `npm run mutation`: changes wxpay-core in small ways, one at a time, and counts the changes that no test notices.
 * Where a mistake costs money every change must be noticed. `npm run mutation -- --all` tries the whole package, of which nine
 * in ten must be; `npm run mutation -- packages/wxpay-core/src/json.ts` some files. Minutes, a quarter of an hour or more for
 * the whole package, so it is not part of `npm test`. Happens in a copy, what is not committed included: the checkout stays.
 *
 * No file is left out. Those that hold types alone have nothing to change; sentences for people are changed like everything
 * else, because what an error or the doctor says is what a merchant has to go by. Only single lines are left out, where a
 * change makes no difference: they say so, and why (`Stryker disable next-line`).
 */
import './lib/require-node.mjs'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot } from './lib/root.mjs'
import { scoresOf, tableOf } from './mutation/scores.mjs'
import { copyWorkingTree } from './mutation/working-copy.mjs'

await ensureInstalled('all')

const SOURCES = 'packages/wxpay-core/src'

/** Where a mistake costs money or believes a stranger: signatures, verification, decryption, amounts. */
const VITAL = [
  'advice.ts',
  'base64.ts',
  'bill-rows.ts',
  'china-time.ts',
  'json.ts',
  'present.ts',
  'promotions.ts',
  'refund-draft.ts',
  'refund.ts',
  'trade-draft.ts',
  'trade.ts',
  'utf8.ts',
  'v2/refund-notification.ts',
  'v2/refund.ts',
  'v2/req-info.ts',
  'v2/sign.ts',
  'v2/trade.ts',
  'v2/xml.ts',
  'v3/aes-gcm.ts',
  'v3/refund.ts',
  'v3/sign.ts',
  'v3/transaction.ts',
  'v3/verifier.ts',
  'yuan.ts',
].map((name) => `${SOURCES}/${name}`)

const goals = { vital: 100, all: 90 }

const wanted = process.argv.slice(2)
const files = wanted.length === 0 ? VITAL : wanted.includes('--all') ? [`${SOURCES}/**/*.ts`] : wanted
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-mutation-'))
const copy = path.join(scratch, 'yuanlu')
fs.mkdirSync(copy)
copyWorkingTree(copy)
const report = path.join(scratch, 'mutation.json')
const config = path.join(scratch, 'stryker.config.json')
fs.writeFileSync(
  config,
  JSON.stringify({
    testRunner: 'wxpay-core',
    plugins: [path.join(copy, 'tests', 'wxpay-core', 'mutation', 'runner.mjs')],
    testRunnerNodeArgs: ['--conditions=source'],
    coverageAnalysis: 'perTest',
    mutate: files,
    // In the copy, which is not copied again.
    inPlace: true,
    reporters: ['clear-text', 'progress-append-only', 'json'],
    jsonReporter: { fileName: report },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    // A change that makes a loop endless is noticed by the time it takes.
    timeoutMS: 5_000,
    concurrency: Math.max(1, os.availableParallelism() - 1),
    tempDirName: path.join(scratch, 'tmp'),
    allowConsoleColors: false,
    disableTypeChecks: false,
    // It warns of what works while a file is loaded: those changes are quick here too.
    warnings: { slow: false },
  }),
)
const core = createRequire(inRoot('tests', 'package.json')).resolve('@stryker-mutator/core/package.json')
const child = spawn(process.execPath, [path.join(path.dirname(core), 'bin', 'stryker.js'), 'run', config], {
  cwd: copy,
  stdio: 'inherit',
  env: { ...process.env, MUTATION_MEMORY: path.join(scratch, 'reach.json') },
})
child.on('close', (code) => {
  // Without a report it has said why: a test that fails before anything was changed.
  process.exitCode = code === 0 && fs.existsSync(report) && judge() ? 0 : 1
  fs.rmSync(scratch, { recursive: true, force: true })
})

/** Prints what was noticed of each file; whether that is enough. */
function judge() {
  const scores = scoresOf(JSON.parse(fs.readFileSync(report, 'utf8')))
  console.log(tableOf(scores))
  const missed = scores.files.filter(({ file, score }) => VITAL.includes(file) && score < goals.vital)
  for (const { file, score } of missed) console.log(`${file}: ${score} %, and must be ${goals.vital} %.`)
  const isEnough = scores.all.score >= goals.all
  if (!isEnough) console.log(`All of it: ${scores.all.score} %, and must be ${goals.all} %.`)
  return missed.length === 0 && isEnough
}
