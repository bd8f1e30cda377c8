/** @module Copies the pictures and sounds a program ships. */
import fs from 'node:fs'
import path from 'node:path'

const ASSET = /\.(png|jpe?g|gif|svg|webp|ico|mp3|mp4|wav|aac|m4a|ttf|woff2?)$/i
const SKIPPED = new Set(['node_modules', 'miniprogram_npm'])

export function copyAssets(appRoot: string, outDir: string): void {
  const target = path.join(outDir, 'assets')
  fs.rmSync(target, { recursive: true, force: true })
  copyFolder(appRoot, target)
}

function copyFolder(from: string, to: string): void {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name) || entry.name.startsWith('.')) continue
    const source = path.join(from, entry.name)
    if (entry.isDirectory()) {
      copyFolder(source, path.join(to, entry.name))
    } else if (ASSET.test(entry.name)) {
      fs.mkdirSync(to, { recursive: true })
      fs.copyFileSync(source, path.join(to, entry.name))
    }
  }
}
