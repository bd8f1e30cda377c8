/** @module The log of one run, in a file of its own: a terminal full of JSON lines would hide the addresses. */
import fs from 'node:fs'
import path from 'node:path'

export interface LogFile {
  write(line: string): void
  close(): Promise<void>
}

/** Begins anew at every start. What the disk refuses is lost: a log must not stop a shop. */
export function openLogFile(file: string): LogFile {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const stream = fs.createWriteStream(file, { flags: 'w', mode: 0o600 })
  stream.on('error', () => {})
  return {
    write: (line) => void stream.write(line),
    close: () => new Promise((resolve) => (stream.destroyed ? resolve() : stream.end(() => resolve()))),
  }
}
