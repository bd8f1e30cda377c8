/** @module `npm run conformance`: the store suite on a real WeChat cloud environment. */
import './lib/require-node.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { runScript, scriptOf } from './lib/command.mjs'
import { ensureInstalled } from './lib/install.mjs'

await ensureInstalled('all')
const entry = 'packages/store-cloudbase/src/setup/conformance-command.ts'
const program = await bundleProgram({ entry, name: 'conformance' })
const { conformanceCommand } = await import(program.href)
process.exitCode = await conformanceCommand({
  args: process.argv.slice(2),
  environment: process.env,
  /** @param {string} line */
  say: (line) => console.log(line),
  /** @param {number} ms */
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  /** @param {{ target: Record<string, string>, only: string | null }} run */
  runSuite: async ({ target, only }) => {
    Object.assign(process.env, target)
    const args = ['--config', 'tests/conformance/jest.config.mjs', '--maxWorkers=1']
    if (only !== null) args.push('--testNamePattern', only)
    return (await runScript(scriptOf('jest', 'jest'), args)) ? 0 : 1
  },
})
