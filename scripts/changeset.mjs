/** @module `npm run changeset`: asks what a change means for whoever uses a package, and writes it down in .changeset. */
import './lib/require-node.mjs'
import { CHANGESETS, runTool } from './lib/on-demand.mjs'

process.exitCode = (await runTool({ package: CHANGESETS, command: 'changeset', args: process.argv.slice(2) }))
  ? 0
  : 1
