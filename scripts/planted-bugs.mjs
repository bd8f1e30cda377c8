/** @module `npm run planted-bugs`: plants known bugs one by one; a bug that no test notices fails the run. */
import './lib/require-node.mjs'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptOf } from './lib/command.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { ROOT } from './lib/root.mjs'

await ensureInstalled('all')

/** Where bugs about money show themselves, quickest first; the next stage runs only when nobody noticed so far. */
const STAGES = [
  ['tests/shop', 'tests/backend'],
  ['tests/wxpay-core', 'tests/gateway-wechat'],
  ['tests/store/', 'tests/store-cloudbase', 'tests/journeys'],
]

/** @type {{ name: string, what: string }[]} */
const all = JSON.parse(readFileSync(join(ROOT, 'tests/planted-bugs/bugs.json'), 'utf8'))
const wanted = process.argv.slice(2)
const bugs = wanted.length === 0 ? all : all.filter((bug) => wanted.includes(bug.name))
if (bugs.length === 0) {
  console.error(`No planted bug has that name. Known are: ${all.map((bug) => bug.name).join(', ')}`)
  process.exit(2)
}

const dir = mkdtempSync(join(tmpdir(), 'yuanlu-planted-'))
let unnoticed = 0
try {
  // A test that fails without any bug would seem to notice all of them.
  process.stdout.write('without a bug: … ')
  const sound = run('')
  console.log(
    sound.noticed ? `FAILS: ${sound.text}` : sound.text === 'UNNOTICED' ? 'all tests pass' : sound.text,
  )
  if (sound.text !== 'UNNOTICED') process.exit(1)
  for (const [index, bug] of bugs.entries()) {
    process.stdout.write(`[${index + 1}/${bugs.length}] ${bug.name}: ${bug.what} … `)
    const verdict = run(bug.name)
    if (!verdict.noticed) unnoticed++
    console.log(verdict.text)
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}
console.log(
  unnoticed === 0
    ? `All ${bugs.length} planted bugs were noticed.`
    : `${unnoticed} of ${bugs.length} planted bugs went unnoticed: a test is missing.`,
)
process.exitCode = unnoticed === 0 ? 0 : 1

/**
 * A bug counts as noticed when a test fails; a suite that does not even compile proves nothing.
 *
 * @param {string} name empty for none
 */
function run(name) {
  for (const suites of STAGES) {
    const report = join(dir, `${name}.json`)
    const args = ['--selectProjects=node', '--silent', '--json', `--outputFile=${report}`, '--', ...suites]
    const { stderr } = spawnSync(process.execPath, [scriptOf('jest', 'jest'), ...args], {
      cwd: ROOT,
      env: { ...process.env, PLANTED_BUG: name },
      encoding: 'utf8',
    })
    let json
    try {
      json = JSON.parse(readFileSync(report, 'utf8'))
    } catch {
      return { noticed: false, text: `jest did not run:\n${stderr}` }
    }
    if (json.numRuntimeErrorTestSuites > 0)
      return { noticed: false, text: `UNUSABLE: a suite did not run:\n${stderr}` }
    /** @type {{ status: string, fullName: string }[]} */
    const tests = json.testResults.flatMap((/** @type {any} */ suite) => suite.assertionResults)
    const failed = tests.find((test) => test.status === 'failed')
    if (failed !== undefined) return { noticed: true, text: `noticed by “${failed.fullName}”` }
  }
  return { noticed: false, text: 'UNNOTICED' }
}
