/**
 * @module The last requests that came in, with what was answered: for the console, in memory, bounded.
 */
import type { IncomingHttpHeaders } from 'node:http'

export interface JournalEntry {
  readonly id: string
  /** Virtual and real time of arrival, in epoch milliseconds. */
  readonly at: number
  readonly realAt: number
  readonly host: 'pay' | 'api'
  readonly protocol: 'v3' | 'v2' | 'platform'
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly isCut: boolean
  readonly outTradeNo: string | null
  readonly outRefundNo: string | null
  readonly fault: string | null
  readonly tookMs: number
  /** null: the connection ended without an answer. */
  readonly answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  } | null
}

export interface Journal {
  add(entry: Omit<JournalEntry, 'id' | 'body' | 'isCut'> & { readonly body: Buffer }): void
  get(id: string): JournalEntry | undefined
  /** Newest first. */
  newest(count: number): JournalEntry[]
  size(): number
  clear(): void
}

const KEPT = 300
/** Of each body. */
export const KEPT_BYTES = 16 * 1024

export function openJournal(changed: () => void): Journal {
  const entries = new Map<string, JournalEntry>()
  let added = 0
  return {
    add(entry) {
      added += 1
      const { answer, body } = entry
      entries.set(String(added), {
        ...entry,
        id: String(added),
        // A copy of its own: a slice would keep the whole of a long body alive.
        body: Buffer.from(body.subarray(0, KEPT_BYTES)),
        isCut: body.length > KEPT_BYTES,
        answer: answer && { ...answer, body: answer.body.slice(0, KEPT_BYTES) },
      })
      for (const id of entries.keys()) {
        if (entries.size <= KEPT) break
        entries.delete(id)
      }
      changed()
    },
    get: (id) => entries.get(id),
    newest: (count) => [...entries.values()].slice(-count).reverse(),
    size: () => entries.size,
    clear() {
      entries.clear()
      changed()
    },
  }
}
