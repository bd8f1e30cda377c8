/** @module The checks that read the sources without running them, and the loop that runs steps and sums them up. */
import fs from 'node:fs'
import { runScript, scriptOf } from './command.mjs'
import { inRoot } from './root.mjs'
import { bold, heading, seconds } from './say.mjs'

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {() => Promise<boolean>} run resolves to whether it passed
 */

/** @returns {Step[]} */
export function checks() {
  const tsc = (/** @type {string[]} */ ...args) => runScript(scriptOf('typescript', 'tsc'), args)
  return [
    { title: 'types of the packages and tests', run: () => tsc('-b') },
    ...standaloneProjects().map((folder) => ({
      title: `types of ${folder}`,
      run: () => tsc('-p', folder, '--noEmit'),
    })),
    { title: 'format and lint', run: () => runScript(scriptOf('@biomejs/biome', 'biome'), ['check', '.']) },
  ]
}

/**
 * The folders whose code runs in another world than Node.js (a phone, a browser), or is no TypeScript: they are outside
 * the project references and have a tsconfig.json of their own.
 */
function standaloneProjects() {
  const tests = fs.readdirSync(inRoot('tests')).map((name) => `tests/${name}`)
  return ['miniprogram', 'scripts', 'packages/wechat-sandbox/console', ...tests].filter((folder) =>
    fs.existsSync(inRoot(folder, 'tsconfig.json')),
  )
}

/**
 * Runs every step, also after one failed, and ends with what passed and what did not.
 *
 * @param {Step[]} steps
 * @returns {Promise<boolean>} whether all passed
 */
export async function runSteps(steps) {
  const started = Date.now()
  /** @type {{ title: string, passed: boolean, ms: number }[]} */
  const results = []
  for (const { title, run } of steps) {
    heading(title)
    const from = Date.now()
    const passed = await run()
    results.push({ title, passed, ms: Date.now() - from })
    if (passed) console.log(`ok, ${seconds(Date.now() - from)}`)
  }
  heading('result')
  for (const { title, passed, ms } of results) {
    console.log(`${passed ? 'passed' : 'FAILED'}  ${seconds(ms).padStart(6)}  ${title}`)
  }
  const failed = results.filter((result) => !result.passed).length
  console.log(bold(`${results.length - failed} passed, ${failed} failed in ${seconds(Date.now() - started)}`))
  return failed === 0
}
