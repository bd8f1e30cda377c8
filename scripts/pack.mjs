/** @module `npm run pack`: makes wxpay-core as it is published, in dist/npm/wxpay-core; `npm publish` takes that folder. */
import './lib/require-node.mjs'
import path from 'node:path'
import { buildWxpayCore } from './build/wxpay-core.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot, ROOT } from './lib/root.mjs'
import { heading, kilobytes } from './lib/say.mjs'

await ensureInstalled('all')
const outDir = inRoot('dist', 'npm', 'wxpay-core')
const parts = await buildWxpayCore({ outDir })
heading(path.relative(ROOT, outDir))
for (const { name, bytes } of parts) console.log(`${name.padEnd(24)} ${kilobytes(bytes).padStart(9)}`)
console.log(`npm publish ${path.relative(ROOT, outDir)}`)
