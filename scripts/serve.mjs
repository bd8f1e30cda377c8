/** @module `npm run serve`: the backend alone, from the environment alone. Nothing is embedded and nothing is made up. */
import './lib/require-node.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { endWithNpm } from './lib/end-with-npm.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { explainRunProblem } from './lib/run-problem.mjs'
import { complain } from './lib/say.mjs'

process.setSourceMapsEnabled(true)
endWithNpm()
// The program speaks JSON lines on stdout; what is said before it goes to stderr, so that a log reader sees only its own.
await ensureInstalled('run', { to: process.stderr })
try {
  const program = await bundleProgram({ entry: 'packages/backend/src/serve.ts', name: 'serve' })
  await import(program.href)
} catch (error) {
  complain(
    explainRunProblem(error) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  )
  process.exit(1)
}
