/**
 * @module Files only this user may read, written whole or not at all.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'

export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/** Writes beside the target and renames, so that a crash leaves the old file or the new one, never half of it. */
export function writePrivateFile(path: string, content: string | Buffer): void {
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, path)
}
