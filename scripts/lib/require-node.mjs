/** @module Imported first by every command: stops with a plain sentence on a Node.js that is too old to run the rest. */
import { nodeVersionProblem } from './node-version.mjs'

const problem = nodeVersionProblem(process.versions.node)
if (problem !== undefined) {
  console.error(`\n  ${problem}\n`)
  process.exit(1)
}
