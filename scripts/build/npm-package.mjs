/** @module A package of this repository as it is published: what TypeScript makes of its sources, and the files beside them. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { scriptOf } from '../lib/command.mjs'
import { inRoot } from '../lib/root.mjs'
import { syncFolder } from './sync-folder.mjs'

/** Those whose files are published as TypeScript writes them; wxpay-core, which is bundled, has a builder of its own. */
export const PUBLISHED = /** @type {const} */ (['wechat-sandbox', 'cloudbase-emulator'])

/**
 * Fills `outDir` with what `npm publish` takes.
 *
 * @param {{ name: string, outDir: string }} input
 * @returns {{ name: string, bytes: number }[]}
 */
export function buildNpmPackage({ name, outDir }) {
  const home = inRoot('packages', name)
  const manifest = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'))
  const beside = manifest.files.filter((/** @type {string} */ folder) => folder !== 'dist')
  const files = new Map([
    ['package.json', Buffer.from(`${JSON.stringify(publishedManifest(manifest), null, 2)}\n`)],
    ['LICENSE', fs.readFileSync(inRoot('LICENSE'))],
    ...below('dist', compiled(home, { only: 'everything' })),
    ...['README.md', 'CHANGELOG.md', 'SECURITY.md', ...beside].flatMap((part) => copied(home, part)),
  ])
  syncFolder(outDir, files)
  return ['dist', ...beside].map((folder) => ({ name: `${folder}/`, bytes: bytesBelow(files, folder) }))
}

/**
 * What TypeScript makes of a package's sources.
 *
 * @param {string} home
 * @param {{ only: 'everything' | 'declarations' }} input
 * @returns {Map<string, Uint8Array>} by path; files import each other as JavaScript does
 */
export function compiled(home, { only }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'npm-package-'))
  try {
    const options = ['--declarationMap', 'false', '--sourceMap', 'false', '--composite', 'false']
    execFileSync(
      process.execPath,
      [
        scriptOf('typescript', 'tsc'),
        ...['-p', home, '--outDir', folder, '--incremental', 'false', ...options],
        ...(only === 'declarations' ? ['--emitDeclarationOnly'] : []),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return new Map(
      names
        .filter((name) => /\.(?:js|d\.ts)$/.test(name))
        .map((name) => {
          const text = fs.readFileSync(path.join(folder, name), 'utf8')
          // TypeScript rewrites what JavaScript imports and leaves the same in declarations.
          const imports = text.replace(/((?:from |import\()'\.[^']*)\.ts'/g, "$1.js'")
          return [name.split(path.sep).join('/'), Buffer.from(imports)]
        }),
    )
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} folder
 * @param {ReadonlyMap<string, Uint8Array>} files
 * @returns {[string, Uint8Array][]}
 */
export function below(folder, files) {
  return [...files].map(([name, bytes]) => [`${folder}/${name}`, bytes])
}

/**
 * The manifest of the workspace leads to the sources first; nobody else has them.
 *
 * @param {Record<string, unknown> & { exports: Record<string, string | Record<string, string>> }} manifest
 */
function publishedManifest({ devDependencies: _, exports, ...manifest }) {
  const entries = Object.entries(exports).map(([name, target]) => {
    if (typeof target === 'string') return [name, target]
    const { source: _source, ...conditions } = target
    return [name, conditions]
  })
  const index = Object.fromEntries(entries)['.']
  return {
    ...manifest,
    // For tools that know no exports.
    main: index.default,
    types: index.types,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
  }
}

/**
 * @param {string} home
 * @param {string} part a file or a folder; one that is not there is left out
 * @returns {[string, Uint8Array][]}
 */
function copied(home, part) {
  const from = path.join(home, part)
  if (!fs.existsSync(from)) return []
  if (fs.statSync(from).isFile()) return [[part, fs.readFileSync(from)]]
  return fs
    .readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(home, file).split(path.sep).join('/'), fs.readFileSync(file)]
    })
}

/**
 * @param {ReadonlyMap<string, Uint8Array>} files
 * @param {string} folder
 */
function bytesBelow(files, folder) {
  return [...files]
    .filter(([name]) => name.startsWith(`${folder}/`))
    .reduce((sum, [, bytes]) => sum + bytes.length, 0)
}
