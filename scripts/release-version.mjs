/**
 * @module `npm run release:version`: turns the files in .changeset into version numbers and changelog entries. Needs the npm registry,
 * once. Nothing is committed or published: look at it, run `npm test`, commit, `npm run pack`, `npm publish`.
 */
import './lib/require-node.mjs'
import fs from 'node:fs'
import { CHANGESETS, runTool } from './lib/on-demand.mjs'
import { inRoot } from './lib/root.mjs'
import { complain } from './lib/say.mjs'
import { withVersion } from './release/version-file.mjs'

if (await runTool({ package: CHANGESETS, command: 'changeset', args: ['version'] })) {
  const file = inRoot('packages', 'wxpay-core', 'src', 'version.ts')
  const manifest = JSON.parse(fs.readFileSync(inRoot('packages', 'wxpay-core', 'package.json'), 'utf8'))
  fs.writeFileSync(file, withVersion(fs.readFileSync(file, 'utf8'), manifest.version))
} else {
  complain(
    'No version was changed: see what changesets says above, or whether the npm registry can be reached.',
  )
  process.exitCode = 1
}
