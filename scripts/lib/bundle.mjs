/** @module Compiles a program of the workspace from its TypeScript sources, ready for Node.js, in a few hundred ms. */
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot } from './root.mjs'

/**
 * Compiles `entry` and everything of ours that it imports into one file, and returns that file's URL.
 * Other people's packages are not bundled: each is loaded from where it lies, as its importer resolves it, so that those
 * which look for files beside themselves (native programs, wasm) find them.
 *
 * @param {{ entry: string, name: string }} program entry is relative to the checkout
 * @returns {Promise<URL>}
 */
export async function bundleProgram({ entry, name }) {
  const { build, stop } = await import('esbuild')
  const outfile = inRoot('dist', 'run', `${name}.mjs`)
  const { outputFiles } = await build({
    entryPoints: [inRoot(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    conditions: ['source'],
    sourcemap: 'linked',
    logLevel: 'error',
    write: false,
    plugins: [packagesStayWhereTheyAre, sourcesKnowWhereTheyAre],
  })
  // A server that runs for weeks needs no compiler beside it.
  await stop()
  fs.mkdirSync(path.dirname(outfile), { recursive: true })
  for (const { path: file, contents } of outputFiles) writeWhole(file, contents)
  return pathToFileURL(outfile)
}

/** @type {import('esbuild').Plugin} */
const packagesStayWhereTheyAre = {
  name: 'packages stay where they are',
  setup(build) {
    const resolving = Symbol('resolving')
    build.onResolve({ filter: /^[^./]/ }, async (args) => {
      if (args.pluginData === resolving || args.kind === 'entry-point') return undefined
      const { kind, importer, resolveDir } = args
      const found = await build.resolve(args.path, { kind, importer, resolveDir, pluginData: resolving })
      if (found.errors.length > 0 || found.external) return found
      // pnpm links workspace packages to their folders, so only other people's resolve to a path inside node_modules.
      if (!found.path.split(path.sep).includes('node_modules')) return found
      const asUrl = kind === 'import-statement' || kind === 'dynamic-import'
      return { path: asUrl ? pathToFileURL(found.path).href : found.path, external: true }
    })
  },
}

/**
 * A source may look for files beside itself with `new URL('…', import.meta.url)`; in the bundle that would be the
 * bundle's place, so each source keeps its own.
 *
 * @type {import('esbuild').Plugin}
 */
const sourcesKnowWhereTheyAre = {
  name: 'sources know where they are',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, (args) => {
      const source = fs.readFileSync(args.path, 'utf8')
      const contents = source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(args.path).href))
      return { contents, loader: 'ts' }
    })
  },
}

/**
 * Several processes may start from one checkout: none may read a file that another has half written.
 *
 * @param {string} file
 * @param {Uint8Array} contents
 */
function writeWhole(file, contents) {
  const temporary = `${file}.${process.pid}`
  fs.writeFileSync(temporary, contents)
  fs.renameSync(temporary, file)
}
