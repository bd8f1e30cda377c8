/** @module Makes a folder hold exactly the given files, touching only what differs. */
import fs from 'node:fs'
import path from 'node:path'

/**
 * Unchanged files keep their time, so that DevTools, which watches the folder, compiles only what is new.
 *
 * @param {string} folder
 * @param {ReadonlyMap<string, Uint8Array>} files by path inside the folder
 */
export function syncFolder(folder, files) {
  fs.mkdirSync(folder, { recursive: true })
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const found = path.relative(folder, path.join(entry.parentPath, entry.name))
    if (!files.has(found)) fs.rmSync(path.join(folder, found))
  }
  removeEmptyFolders(folder)
  for (const [name, bytes] of files) {
    const file = path.join(folder, name)
    if (fs.existsSync(file) && fs.readFileSync(file).equals(bytes)) continue
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, bytes)
  }
}

/** @param {string} folder */
function removeEmptyFolders(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const inner = path.join(folder, entry.name)
    removeEmptyFolders(inner)
    if (fs.readdirSync(inner).length === 0) fs.rmdirSync(inner)
  }
}
