/** @module Fills `miniprogram/miniprogram_npm`: what WeChat DevTools' "build npm" would put there, but only the used parts. */
import fs from 'node:fs'
import path from 'node:path'
import { bundleForMiniprogram } from './bundled-package.mjs'
import { syncFolder } from './sync-folder.mjs'
import { findUsedFiles } from './used-files.mjs'

/**
 * @typedef {object} PackageSize
 * @property {string} name
 * @property {number} files
 * @property {number} bytes
 */

/**
 * @param {{ appRoot: string, outDir: string }} input appRoot holds app.json and package.json
 * @returns {Promise<PackageSize[]>}
 */
export async function buildMiniprogramNpm({ appRoot, outDir }) {
  const { dependencies = {} } = readManifest(appRoot)
  const installed = Object.keys(dependencies).map((name) => {
    const root = fs.realpathSync(path.join(appRoot, 'node_modules', ...name.split('/')))
    return { name, root, manifest: readManifest(root) }
  })
  /** @type {Map<string, Map<string, Uint8Array>>} */
  const built = new Map()

  const native = installed.filter(({ manifest }) => typeof manifest.miniprogram === 'string')
  const packages = native.map(({ name, root, manifest }) => ({
    name,
    folder: path.join(root, manifest.miniprogram),
  }))
  const used = await findUsedFiles({ appRoot, packages })
  for (const { name, root, manifest } of native) {
    const folder = path.join(root, manifest.miniprogram)
    /** @type {Map<string, Uint8Array>} */
    const files = new Map()
    for (const file of used.filter((candidate) => candidate.startsWith(folder + path.sep))) {
      files.set(path.relative(folder, file), fs.readFileSync(file))
    }
    const licence = path.join(root, 'LICENSE')
    if (files.size > 0 && fs.existsSync(licence)) files.set('LICENSE', fs.readFileSync(licence))
    built.set(name, files)
  }

  for (const { name, root, manifest } of installed.filter((candidate) => !native.includes(candidate))) {
    const entry = path.join(root, manifest.exports['.'].source)
    built.set(name, new Map([['index.js', await bundleForMiniprogram({ name, entry })]]))
  }

  const everything = new Map(
    [...built].flatMap(([name, files]) => [...files].map(([file, bytes]) => [path.join(name, file), bytes])),
  )
  syncFolder(outDir, everything)
  return [...built].map(([name, files]) => ({
    name,
    files: files.size,
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0),
  }))
}

/** @param {string} folder */
const readManifest = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
