/**
 * @module Tables in memory behind an append-only JSON-lines file: every change is on file before anyone hears of it.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { SandboxStartError } from '../start-error.ts'
import { Balances } from './balances.ts'
import type { Entry, TableName, Tables } from './tables.ts'

/** One change: a record put (or, with null, removed). The changes of one commit live or die together. */
export type Write<K extends TableName = TableName> = {
  [P in K]: { readonly table: P; readonly id: string; readonly value: Tables[P] | null }
}[K]

type Maps = { readonly [P in TableName]: Map<string, Tables[P]> }

export interface Store {
  get<K extends TableName>(table: K, id: string): Tables[K] | undefined
  /** In order of first insertion. */
  all<K extends TableName>(table: K): IterableIterator<Tables[K]>
  size(table: TableName): number
  /** Writes synchronously; throws, with nothing changed, when the file can't take it or the books would not balance. */
  commit(writes: readonly Write[]): void
  /** Balance in fen of every account, from all entries. */
  balances: Balances
  /** Forgets everything but these tables, in memory and on file. */
  clear(except: readonly TableName[]): void
  close(): void
}

const HEADER = '{"format":"wechat-sandbox-state","version":1}'
const COMPACT_AFTER_BYTES = 64 * 1024 * 1024
const RECORDS_PER_LINE = 200
const READ_BYTES = 1024 * 1024
const LF = 0x0a

/**
 * Opens (replays, then compacts) the state file. The file is written through to the operating system on each commit,
 * which survives the end of the process in any form, kill -9 included; it is not flushed to the disk each time.
 */
export function openStore(
  file: string,
  changed: () => void = () => {},
  compactAfterBytes = COMPACT_AFTER_BYTES,
): Store {
  const maps: Maps = {
    trade: new Map(),
    prepay: new Map(),
    transaction: new Map(),
    entry: new Map(),
    code: new Map(),
    notification: new Map(),
    fault: new Map(),
    setting: new Map(),
    refund: new Map(),
    refundsOf: new Map(),
    refundNumber: new Map(),
    accessToken: new Map(),
    subscription: new Map(),
    template: new Map(),
    message: new Map(),
    shipment: new Map(),
    specialOrder: new Map(),
    platformCertificate: new Map(),
  }
  const balances = new Balances()
  if (existsSync(file)) replay(file, (writes) => applyAll(maps, balances, writes))
  assertWhole(file, balances)
  let { fd, bytes: snapshotBytes } = compact(file, maps)
  let appended = 0

  /** On a full disk the file that is there goes on to be used: it is whole, only longer than need be. */
  const rewrite = (keep?: readonly TableName[]): void => {
    const fresh = compact(file, maps, keep)
    closeSync(fd)
    fd = fresh.fd
    snapshotBytes = fresh.bytes
    appended = 0
  }

  return {
    get: (table, id) => maps[table].get(id),
    all: (table) => maps[table].values(),
    size: (table) => maps[table].size,
    balances,
    commit(writes) {
      balances.assertSound(entriesIn(writes))
      const line = Buffer.from(`${JSON.stringify(writes)}\n`)
      append(fd, line)
      appended += line.length
      applyAll(maps, balances, writes)
      if (appended > Math.max(compactAfterBytes, snapshotBytes)) {
        try {
          rewrite()
        } catch {
          // The change itself is on file: whoever asked for it is not told of a failure. Tried again after as much more.
          appended = 0
        }
      }
      changed()
    },
    clear(except) {
      rewrite(except)
      for (const [table, map] of Object.entries(maps)) if (!except.some((name) => name === table)) map.clear()
      balances.clear()
      changed()
    },
    close: () => closeSync(fd),
  }
}

function assertWhole(file: string, balances: Balances): void {
  try {
    balances.assertZero()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SandboxStartError(`${file} was changed by hand (${why}); use another --data directory.`)
  }
}

function applyAll(maps: Maps, balances: Balances, writes: readonly Write[]): void {
  balances.add(entriesIn(writes))
  for (const write of writes) apply(maps, write)
}

function apply<K extends TableName>(maps: Maps, write: Write<K>): void {
  const map: Map<string, Tables[K]> = maps[write.table]
  if (write.value === null) map.delete(write.id)
  else map.set(write.id, write.value)
}

function entriesIn(writes: readonly Write[]): Entry[] {
  return writes.flatMap((write) => (write.table === 'entry' && write.value !== null ? [write.value] : []))
}

// A disk that fills up midway would leave half a line, and the next line would run into it: cut it off again.
function append(fd: number, line: Buffer): void {
  let written = 0
  try {
    while (written < line.length) written += writeSync(fd, line, written)
  } catch (error) {
    if (written > 0) ftruncateSync(fd, fstatSync(fd).size - written)
    throw error
  }
}

function replay(file: string, apply: (writes: readonly Write[]) => void): void {
  let number = 0
  for (const { text, isLast } of linesOf(file)) {
    number += 1
    if (number === 1 && text !== HEADER) {
      throw new SandboxStartError(
        `${file} isn't a state file of this version; move it away or use another --data directory.`,
      )
    }
    if (number === 1 || text === '') continue
    let writes: readonly Write[]
    try {
      writes = JSON.parse(text)
    } catch {
      // The process ended while it wrote its last line: that change was never answered to anyone.
      if (isLast) continue
      throw new SandboxStartError(
        `${file} is damaged at line ${number}; move it away or use another --data directory.`,
      )
    }
    apply(writes)
  }
}

/** Piece by piece: as one string a file of half a gigabyte could not be read at all. */
function* linesOf(file: string): Iterable<{ readonly text: string; readonly isLast: boolean }> {
  const fd = openSync(file, 'r')
  const chunk = Buffer.alloc(READ_BYTES)
  let begun: Buffer[] = []
  try {
    for (;;) {
      const size = readSync(fd, chunk)
      if (size === 0) break
      let from = 0
      for (let end = chunk.indexOf(LF); end >= 0 && end < size; end = chunk.indexOf(LF, from)) {
        yield { text: Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8'), isLast: false }
        begun = []
        from = end + 1
      }
      if (from < size) begun.push(Buffer.from(chunk.subarray(from, size)))
    }
  } finally {
    closeSync(fd)
  }
  yield { text: Buffer.concat(begun).toString('utf8'), isLast: true }
}

/** Writes the file anew, of these tables or of all; whatever fails before its last step leaves the old one as it is. */
function compact(
  file: string,
  maps: Maps,
  keep?: readonly TableName[],
): { readonly fd: number; readonly bytes: number } {
  const draft = `${file}.tmp`
  rmSync(draft, { force: true })
  const fd = openSync(draft, 'ax', 0o600)
  try {
    append(fd, Buffer.from(`${HEADER}\n`))
    let line: Write[] = []
    const flush = (): void => {
      if (line.length > 0) append(fd, Buffer.from(`${JSON.stringify(line)}\n`))
      line = []
    }
    for (const write of everything(maps)) {
      if (keep !== undefined && !keep.includes(write.table)) continue
      line.push(write)
      if (line.length >= RECORDS_PER_LINE) flush()
    }
    flush()
    const bytes = fstatSync(fd).size
    // It goes on to be written through the same descriptor, under its new name.
    renameSync(draft, file)
    return { fd, bytes }
  } catch (error) {
    closeSync(fd)
    rmSync(draft, { force: true })
    throw error
  }
}

function* everything(maps: Maps): Iterable<Write> {
  for (const [id, value] of maps.trade) yield { table: 'trade', id, value }
  for (const [id, value] of maps.prepay) yield { table: 'prepay', id, value }
  for (const [id, value] of maps.transaction) yield { table: 'transaction', id, value }
  for (const [id, value] of maps.entry) yield { table: 'entry', id, value }
  for (const [id, value] of maps.code) yield { table: 'code', id, value }
  for (const [id, value] of maps.notification) yield { table: 'notification', id, value }
  for (const [id, value] of maps.fault) yield { table: 'fault', id, value }
  for (const [id, value] of maps.setting) yield { table: 'setting', id, value }
  for (const [id, value] of maps.refund) yield { table: 'refund', id, value }
  for (const [id, value] of maps.refundsOf) yield { table: 'refundsOf', id, value }
  for (const [id, value] of maps.refundNumber) yield { table: 'refundNumber', id, value }
  for (const [id, value] of maps.accessToken) yield { table: 'accessToken', id, value }
  for (const [id, value] of maps.subscription) yield { table: 'subscription', id, value }
  for (const [id, value] of maps.template) yield { table: 'template', id, value }
  for (const [id, value] of maps.message) yield { table: 'message', id, value }
  for (const [id, value] of maps.shipment) yield { table: 'shipment', id, value }
  for (const [id, value] of maps.specialOrder) yield { table: 'specialOrder', id, value }
  for (const [id, value] of maps.platformCertificate) yield { table: 'platformCertificate', id, value }
}
