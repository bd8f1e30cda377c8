/**
 * @module Where the bytes of files are: in memory, or one file each in a directory.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Blobs {
  /** Replaces what was there, in one step. */
  put(path: string, bytes: Buffer): void
  get(path: string): Buffer | undefined
  delete(path: string): void
  clear(): void
}

export function memoryBlobs(): Blobs {
  const blobs = new Map<string, Buffer>()
  return {
    put: (path, bytes) => void blobs.set(path, bytes),
    get: (path) => blobs.get(path),
    delete: (path) => void blobs.delete(path),
    clear: () => blobs.clear(),
  }
}

export function directoryBlobs(directory: string): Blobs {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // A path of the cloud is no path of this machine.
  const fileOf = (path: string): string => join(directory, createHash('sha256').update(path).digest('hex'))
  return {
    put(path, bytes) {
      const draft = `${fileOf(path)}.tmp`
      writeFileSync(draft, bytes, { mode: 0o600 })
      renameSync(draft, fileOf(path))
    },
    get(path) {
      try {
        return readFileSync(fileOf(path))
      } catch {
        return undefined
      }
    },
    delete: (path) => rmSync(fileOf(path), { force: true }),
    clear() {
      for (const name of readdirSync(directory)) rmSync(join(directory, name), { force: true })
    },
  }
}
