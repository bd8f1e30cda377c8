/** @module Makes the cloud functions: one file each with everything inside, ready to be uploaded as it is. */
import fs from 'node:fs'
import path from 'node:path'
import { inRoot } from '../lib/root.mjs'
import { syncFolder } from './sync-folder.mjs'

/** @typedef {'postgres' | 'cloudbase'} Store */

export const CLOUD_FUNCTIONS = ['api', 'wxpay-notify', 'jobs']

/** The driver that the sources name; another store is another driver in its place, and nothing else. */
const NAMED_DRIVER = '@yuanlu/backend/cloudbase'

/**
 * Writes `outDir/<name>/{index.js,package.json,config.json}` for each function, with the driver of `store` and no other.
 *
 * @param {{ outDir: string, store: Store }} input
 * @returns {Promise<{ name: string, files: number, bytes: number }[]>}
 */
export async function buildCloudFunctions({ outDir, store }) {
  const built = await Promise.all(CLOUD_FUNCTIONS.map((name) => bundleCloudFunction({ name, store })))
  /** @type {Map<string, Uint8Array>} */
  const files = new Map()
  for (const { name, parts } of built)
    for (const [file, bytes] of parts) files.set(path.join(name, file), bytes)
  syncFolder(outDir, files)
  return built.map(({ name, parts }) => ({
    name,
    files: parts.size,
    bytes: [...parts.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0),
  }))
}

/**
 * One function's files, and what went into its bundle.
 *
 * @param {{ name: string, store: Store }} input
 * @returns {Promise<{ name: string, parts: Map<string, Uint8Array>, metafile: import('esbuild').Metafile }>}
 */
export async function bundleCloudFunction({ name, store }) {
  const { build } = await import('esbuild')
  const folder = inRoot('cloudfunctions', name)
  const { outputFiles, metafile } = await build({
    entryPoints: [path.join(folder, 'index.ts')],
    // Where aliases are resolved, and what the metafile's paths are relative to.
    absWorkingDir: folder,
    outfile: path.join(folder, 'index.js'),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    // Of the platform's runtimes the oldest that we run on.
    target: 'node20.19',
    format: 'cjs',
    conditions: ['source'],
    // On Node.js 20, which has no navigator, pg makes a Response to find out whether it runs at Cloudflare: 16 ms.
    define: { navigator: '{"userAgent":"Node.js"}' },
    alias: { [NAMED_DRIVER]: `@yuanlu/backend/${store}` },
    minifySyntax: true,
    minifyWhitespace: true,
    // wx-server-sdk reads names of its own functions and classes.
    minifyIdentifiers: store === 'postgres',
    legalComments: 'external',
    plugins: [networkWhenCalled, withoutUnusedBuilders],
    logLevel: 'error',
  })
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  /** @type {Map<string, Uint8Array>} */
  const parts = new Map(outputFiles.map((file) => [path.basename(file.path), file.contents]))
  parts.set('package.json', json({ name, version: manifest.version, private: true, main: 'index.js' }))
  parts.set('config.json', fs.readFileSync(path.join(folder, 'config.json')))
  return { name, parts, metafile }
}

/**
 * Node.js takes 4 ms to load its HTTPS client. Most events, WeChat Pay's among them, call nobody, so in a bundle these
 * modules are there when something of them is first used.
 *
 * @type {import('esbuild').Plugin}
 */
const networkWhenCalled = {
  name: 'network when called',
  setup(build) {
    build.onResolve({ filter: /^node:(?:https?|tls)$/ }, ({ path: name, namespace }) =>
      namespace === 'when called' ? undefined : { path: name, namespace: 'when called' },
    )
    build.onLoad({ filter: /.*/, namespace: 'when called' }, ({ path: name }) => ({
      contents: `for (const member of ${JSON.stringify(Object.keys(process.getBuiltinModule(name) ?? {}))})
        Object.defineProperty(exports, member, { enumerable: true, get: () => require(${JSON.stringify(name)})[member] })`,
      loader: 'js',
    }))
  },
}

/**
 * Kysely's builders of tables and of MERGE and its plugin for schemas hang on its main class, so no bundler can leave
 * them out. Our migrations are SQL and nothing here merges: 47 KB that would be read and compiled at every cold start.
 *
 * @type {import('esbuild').Plugin}
 */
const withoutUnusedBuilders = {
  name: 'without unused builders',
  setup(build) {
    // pg's other half, for a native library that is not there: it asks, and goes on without.
    build.onLoad({ filter: /[\\/]pg[\\/]lib[\\/]native[\\/]index\.js$/ }, () => ({
      contents:
        "throw Object.assign(new Error('pg-native is not part of this bundle'), { code: 'MODULE_NOT_FOUND' })",
    }))
    const parts = {
      'schema/schema': 'SchemaModule',
      'plugin/with-schema/with-schema-plugin': 'WithSchemaPlugin',
      'query-builder/merge-query-builder': 'MergeQueryBuilder',
    }
    for (const [file, name] of Object.entries(parts))
      build.onLoad(
        { filter: new RegExp(`kysely/dist/esm/${file}\\.js$`.replaceAll('/', '[\\\\/]')) },
        () => ({
          contents: `export class ${name} { constructor() { throw new Error('${name} is not part of this bundle') } }`,
        }),
      )
  },
}

/** @param {object} value */
const json = (value) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
