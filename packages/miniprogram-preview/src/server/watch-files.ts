/** @module Tells when a source file of the program changed. */
import fs from 'node:fs'
import path from 'node:path'

const SOURCE = /\.(ts|js|json|wxml|wxss|wxs|png|jpe?g|svg|gif|webp)$/i
/** Editors write a file in several steps; one change is enough. */
const QUIET_MS = 80

/** @returns a function that stops watching */
export function watchFiles(folder: string, onChange: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const changed = (name: string | null) => {
    if (name !== null && (!SOURCE.test(name) || /(^|[\\/])(node_modules|miniprogram_npm)[\\/]/.test(name)))
      return
    clearTimeout(timer)
    timer = setTimeout(onChange, QUIET_MS)
  }
  const watchers = openWatchers(folder, changed)
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}

function openWatchers(folder: string, changed: (name: string | null) => void): fs.FSWatcher[] {
  try {
    return [fs.watch(folder, { recursive: true }, (_event, name) => changed(name))]
  } catch {
    // Where watching a whole tree is not supported, each folder gets a watcher; folders made later need a restart.
    return foldersOf(folder).map((each) => fs.watch(each, (_event, name) => changed(name)))
  }
}

function foldersOf(folder: string): string[] {
  const inner = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'miniprogram_npm',
    )
  return [folder, ...inner.flatMap((entry) => foldersOf(path.join(folder, entry.name)))]
}
