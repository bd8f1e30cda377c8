/** @module `npm start`: installs what is missing, compiles the development host and runs it until Ctrl-C. */
import './lib/require-node.mjs'
import { buildCloudFunctions } from './build/cloud-functions.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { endWithNpm } from './lib/end-with-npm.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot, ROOT } from './lib/root.mjs'
import { explainRunProblem } from './lib/run-problem.mjs'
import { complain, progress } from './lib/say.mjs'

const startedAt = Date.now()
const unknown = process.argv.slice(2).filter((argument) => argument !== '--functions')
if (unknown.length > 0) {
  complain(
    `npm start does not know ${unknown.join(' ')}. It knows --functions, written after --: npm start -- --functions`,
  )
  process.exit(2)
}
const asFunctions = process.argv.includes('--functions')
process.setSourceMapsEnabled(true)
endWithNpm()
await ensureInstalled('run')
try {
  const functions = asFunctions ? await buildFunctions() : null
  const program = await bundleProgram({ entry: 'packages/devhost/src/main.ts', name: 'devhost' })
  // In this process, not in a child: Ctrl-C reaches every process of a terminal, and a child would hear it twice.
  const { main } = await import(program.href)
  process.exitCode = await main({ checkout: ROOT, env: process.env, functions, startedAt })
} catch (error) {
  complain(explainRunProblem(error) ?? plain(error))
  process.exitCode = 1
}
// Everything has been closed by now; a connection that lingers must not keep the terminal.
process.exit()

/** The bundles of the chosen store, as they would be uploaded. */
async function buildFunctions() {
  const store = process.env.STORE === 'cloudbase' ? 'cloudbase' : 'postgres'
  const outDir = inRoot('dist', store === 'cloudbase' ? 'cloudfunctions' : 'cloudfunctions-postgres')
  const line = progress('Building the cloud functions')
  await buildCloudFunctions({ outDir, store })
  line.end('done')
  return outDir
}

/**
 * A problem that the program foresaw explains itself; a bug shows where it is.
 *
 * @param {unknown} error
 */
function plain(error) {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'DevhostProblem' ? error.message : (error.stack ?? error.message)
}
