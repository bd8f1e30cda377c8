/** @module `npm run pack`: makes the packages as they are published, below dist/npm; `npm publish` takes each folder. */
import './lib/require-node.mjs'
import path from 'node:path'
import { buildNpmPackage, PUBLISHED } from './build/npm-package.mjs'
import { buildWxpayCore } from './build/wxpay-core.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot, ROOT } from './lib/root.mjs'
import { heading, kilobytes } from './lib/say.mjs'

await ensureInstalled('all')
const folder = (/** @type {string} */ name) => inRoot('dist', 'npm', name)
show('wxpay-core', await buildWxpayCore({ outDir: folder('wxpay-core') }))
for (const name of PUBLISHED) show(name, buildNpmPackage({ name, outDir: folder(name) }))

/**
 * @param {string} name
 * @param {{ name: string, bytes: number }[]} parts
 */
function show(name, parts) {
  heading(path.relative(ROOT, folder(name)))
  for (const part of parts) console.log(`${part.name.padEnd(24)} ${kilobytes(part.bytes).padStart(9)}`)
}
