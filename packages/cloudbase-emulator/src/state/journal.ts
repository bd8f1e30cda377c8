/**
 * @module The file behind the memory: one line for each call that changed something, rewritten in full when it has grown.
 *
 * A line is written through to the operating system before anyone hears of it, which survives the end of the process in any
 * form, kill -9 included; it is not flushed to the disk each time. A last line cut short was never answered to anyone.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { EJSON } from 'bson'
import { EmulatorStartError } from '../start-error.ts'

const HEADER = '{"format":"cloudbase-emulator-state","version":1}'
const COMPACT_AFTER_BYTES = 64 * 1024 * 1024
const CHANGES_PER_LINE = 200

export interface Journal<Change> {
  /** Writes the changes of one call; throws, with the file as it was, when it can't. */
  append(changes: readonly Change[]): void
  /** Rewrites the file from what there is now. */
  compact(): void
  close(): void
}

export interface JournalOptions<Change> {
  readonly file: string
  readonly replay: (change: Change) => void
  /** Everything there is, as the changes that would make it. */
  readonly everything: () => Iterable<Change>
}

/** @throws EmulatorStartError when the file is damaged or another program's. */
export function openJournal<Change>({ file, replay, everything }: JournalOptions<Change>): Journal<Change> {
  if (existsSync(file)) readLines(file, replay)
  let snapshotBytes = rewrite(file, everything())
  let fd = openSync(file, 'a', 0o600)
  let appended = 0
  let isOpen = true
  const compact = (): void => {
    closeSync(fd)
    try {
      snapshotBytes = rewrite(file, everything())
    } finally {
      fd = openSync(file, 'a', 0o600)
    }
    appended = 0
  }
  return {
    append(changes) {
      if (changes.length === 0) return
      // The number of a closed file may be another file's by now.
      if (!isOpen) throw new Error('the emulator is closed')
      // Before this line, so that it is not in the snapshot and behind it.
      if (appended > Math.max(COMPACT_AFTER_BYTES, snapshotBytes)) compact()
      appended += appendLine(fd, changes)
    },
    compact,
    close() {
      isOpen = false
      closeSync(fd)
    },
  }
}

function readLines<Change>(file: string, replay: (change: Change) => void): void {
  const lines = readFileSync(file, 'utf8').split('\n')
  if (lines[0] !== HEADER) {
    throw new EmulatorStartError(
      `${file} isn't a state file of this version; move it away or use another --data directory.`,
    )
  }
  const last = lines.length - 1
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? ''
    if (line === '') continue
    let changes: readonly Change[]
    try {
      changes = EJSON.parse(line)
    } catch {
      if (i === last) continue
      throw new EmulatorStartError(
        `${file} is damaged at line ${i + 1}; move it away or use another --data directory.`,
      )
    }
    for (const change of changes) replay(change)
  }
}

function rewrite<Change>(file: string, changes: Iterable<Change>): number {
  const draft = `${file}.tmp`
  rmSync(draft, { force: true })
  const fd = openSync(draft, 'w', 0o600)
  try {
    writeSync(fd, `${HEADER}\n`)
    let line: Change[] = []
    for (const change of changes) {
      line.push(change)
      if (line.length < CHANGES_PER_LINE) continue
      appendLine(fd, line)
      line = []
    }
    if (line.length > 0) appendLine(fd, line)
    const bytes = fstatSync(fd).size
    closeSync(fd)
    renameSync(draft, file)
    return bytes
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

// A disk that fills up midway would leave half a line, and the next line would run into it: cut it off again.
function appendLine(fd: number, changes: readonly unknown[]): number {
  const line = Buffer.from(`${EJSON.stringify(changes, { relaxed: false })}\n`)
  let written = 0
  try {
    while (written < line.length) written += writeSync(fd, line, written)
    return written
  } catch (error) {
    if (written > 0) ftruncateSync(fd, fstatSync(fd).size - written)
    throw error
  }
}
