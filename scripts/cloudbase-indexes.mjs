/** @module `npm run cloudbase:indexes`: makes the collections and indexes of store-cloudbase in one environment. */
import './lib/require-node.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { ensureInstalled } from './lib/install.mjs'

await ensureInstalled('run', { to: process.stderr })
const entry = 'packages/store-cloudbase/src/setup/indexes-command.ts'
const program = await bundleProgram({ entry, name: 'cloudbase-indexes' })
const { indexesCommand } = await import(program.href)
process.exitCode = await indexesCommand({
  args: process.argv.slice(2),
  environment: process.env,
  /** @param {string} line */
  say: (line) => console.log(line),
  /** @param {number} ms */
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})
