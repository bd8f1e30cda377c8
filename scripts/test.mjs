/** @module `npm test`: installs what is missing, then types, format and lint, and every test. */
import './lib/require-node.mjs'
import { checks, runSteps } from './lib/checks.mjs'
import { runScript, scriptOf } from './lib/command.mjs'
import { endWithNpm } from './lib/end-with-npm.mjs'
import { ensureInstalled } from './lib/install.mjs'

endWithNpm()
await ensureInstalled('all')
const args = process.argv.slice(2)
const tests = { title: 'tests', run: () => runScript(scriptOf('jest', 'jest'), args) }
// Arguments name single tests (npm test -- tests/journeys): whoever asks for those wants to see them at once.
process.exitCode = (await runSteps(args.length === 0 ? [...checks(), tests] : [tests])) ? 0 : 1
