/** @module Bundles a TypeScript entry the way the packages are bundled, and loads it. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, stop } from 'esbuild'

/**
 * @template T
 * @param {string} entry absolute path
 * @returns {Promise<T>}
 */
export async function load(entry) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-bench-'))
  try {
    const outfile = path.join(folder, 'bundle.mjs')
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      charset: 'utf8',
      logLevel: 'error',
    })
    await stop()
    return await import(pathToFileURL(outfile).href)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
