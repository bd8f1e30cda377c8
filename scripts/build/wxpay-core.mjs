/** @module wxpay-core as it is published: one file for `import`, one for `require`, one for the command, types for both. */
import fs from 'node:fs'
import path from 'node:path'
import { inRoot } from '../lib/root.mjs'
import { below, compiled } from './npm-package.mjs'
import { syncFolder } from './sync-folder.mjs'

const home = inRoot('packages', 'wxpay-core')

/**
 * Fills `outDir` with what `npm publish` takes.
 *
 * @param {{ outDir: string }} input
 * @returns {Promise<{ name: string, bytes: number }[]>}
 */
export async function buildWxpayCore({ outDir }) {
  const read = (/** @type {string} */ name) => fs.readFileSync(path.join(home, name))
  const types = [...compiled(home, { only: 'declarations' })].filter(
    ([name]) => !/^cli(?:\.d\.ts$|\/)/.test(name),
  )
  const esm = new Map([['index.js', await bundle('src/index.ts', 'esm')], ...types])
  const cjs = new Map([
    ['index.js', await bundle('src/index.ts', 'cjs')],
    // Types and code below this folder are CommonJS, whatever the package is.
    ['package.json', Buffer.from('{ "type": "commonjs" }\n')],
    ...types,
  ])
  const manifest = publishedManifest(JSON.parse(read('package.json').toString('utf8')))
  const files = new Map([
    ['package.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
    ['README.md', read('README.md')],
    ['CHANGELOG.md', read('CHANGELOG.md')],
    ['SECURITY.md', read('SECURITY.md')],
    ['LICENSE', fs.readFileSync(inRoot('LICENSE'))],
    ['dist/cli.js', await bundle('src/cli.ts', 'esm')],
    ['bin/wxpay.mjs', read('bin/wxpay.mjs')],
    ...below('dist/esm', esm),
    ...below('dist/cjs', cjs),
  ])
  syncFolder(outDir, files)
  return ['dist/esm/index.js', 'dist/cjs/index.js', 'dist/cli.js'].map((name) => ({
    name,
    bytes: files.get(name)?.length ?? 0,
  }))
}

/**
 * @param {string} entry
 * @param {'esm' | 'cjs'} format
 * @param {boolean} [minify]
 * @returns {Promise<Uint8Array>}
 */
export async function bundle(entry, format, minify = false) {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [path.join(home, entry)],
    bundle: true,
    write: false,
    format,
    platform: 'node',
    target: 'node20.19',
    charset: 'utf8',
    minify,
    logLevel: 'error',
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`${entry}: nothing was built`)
  return file.contents
}

/**
 * The manifest of the workspace points at sources; the published one at what was built.
 *
 * @param {Record<string, unknown>} manifest
 */
function publishedManifest({ exports: _, files: _files, ...manifest }) {
  return {
    ...manifest,
    main: './dist/cjs/index.js',
    module: './dist/esm/index.js',
    types: './dist/esm/index.d.ts',
    exports: {
      '.': {
        import: { types: './dist/esm/index.d.ts', default: './dist/esm/index.js' },
        require: { types: './dist/cjs/index.d.ts', default: './dist/cjs/index.js' },
      },
      './package.json': './package.json',
    },
    files: ['dist', 'bin', 'CHANGELOG.md', 'SECURITY.md'],
  }
}
