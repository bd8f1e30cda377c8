/**
 * @module `npm run reference`: the API reference of wxpay-core as a site, in dist/reference/wxpay-core. Fails when a public name
 * has no docstring, or a link leads nowhere. Needs the npm registry, once.
 */
import './lib/require-node.mjs'
import fs from 'node:fs'
import path from 'node:path'
import { ensureInstalled } from './lib/install.mjs'
import { runTool, TYPEDOC, TYPESCRIPT_OF_TYPEDOC } from './lib/on-demand.mjs'
import { inRoot, ROOT } from './lib/root.mjs'
import { complain, heading } from './lib/say.mjs'

await ensureInstalled('all')
const out = inRoot('dist', 'reference', 'wxpay-core')
fs.rmSync(out, { recursive: true, force: true })
const made = await runTool({
  package: TYPEDOC,
  beside: TYPESCRIPT_OF_TYPEDOC,
  command: 'typedoc',
  args: ['--options', inRoot('packages', 'wxpay-core', 'typedoc.json'), '--out', out],
})
if (made) {
  heading(path.relative(ROOT, path.join(out, 'index.html')))
  console.log('Open it in a browser; it needs no server.')
} else {
  complain('There is no reference: see what typedoc says above, or whether the npm registry can be reached.')
  process.exitCode = 1
}
