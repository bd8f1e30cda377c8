/** @module Compiles and runs shop-process.ts, the way `npm run serve` does with its own program. */
import { bundleProgram } from '../../scripts/lib/bundle.mjs'

const program = await bundleProgram({ entry: 'tests/support/shop-process.ts', name: 'shop-process' })
await import(program.href)
