/** @module `npm run check`: types, format and lint, without the tests. */
import './lib/require-node.mjs'
import { checks, runSteps } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'

await ensureInstalled('all')
process.exitCode = (await runSteps(checks())) ? 0 : 1
