/**
 * @module Which rows a console asks for: the newest of every list; of the one it shows also more, or only those that match.
 */

/** The lists that can be searched. */
const LISTS = ['trades', 'refunds', 'requests', 'notifications', 'entries'] as const
export type ListName = (typeof LISTS)[number]

export interface Wanted {
  /** The list that the rest is about; null: the newest of all. */
  readonly list: ListName | null
  /** Part of a number, a path, a word; lower case. */
  readonly find: string
  /** Only what went wrong. */
  readonly failedOnly: boolean
  readonly rows: number
}

const ROWS = 50
const MAX_ROWS = 500
const MAX_FIND = 100

export const NEWEST: Wanted = { list: null, find: '', failedOnly: false, rows: ROWS }

/** Reads `?list=&find=&failed=1&rows=`; what makes no sense is left out. */
export function readWanted(query: URLSearchParams): Wanted {
  const list = LISTS.find((name) => name === query.get('list')) ?? null
  if (list === null) return NEWEST
  const rows = Number(query.get('rows') ?? ROWS)
  return {
    list,
    find: (query.get('find') ?? '').trim().slice(0, MAX_FIND).toLowerCase(),
    failedOnly: query.get('failed') === '1',
    rows: Number.isInteger(rows) ? Math.min(Math.max(rows, ROWS), MAX_ROWS) : ROWS,
  }
}

export interface Source<T> {
  /** Oldest first. */
  readonly records: Iterable<T>
  readonly size: number
  /** What a search looks at. */
  words(record: T): readonly (string | number | null | undefined)[]
  isFailed(record: T): boolean
}

export interface Rows<T> {
  /** Newest first. */
  readonly rows: T[]
  /** How many there are in all, those that are not among the rows included. */
  readonly matching: number
}

export function selectRows<T>(source: Source<T>, list: ListName, wanted: Wanted): Rows<T> {
  const { find, failedOnly, rows } = wanted.list === list ? wanted : NEWEST
  if (find === '' && !failedOnly)
    return { rows: newest(source.records, source.size, rows), matching: source.size }
  const kept: T[] = []
  let matching = 0
  for (const record of source.records) {
    if (failedOnly && !source.isFailed(record)) continue
    if (find !== '' && !contains(source.words(record), find)) continue
    matching += 1
    kept.push(record)
    // Cut now and then rather than each time: a short search may match every one of 200,000 orders.
    if (kept.length > 2 * rows) kept.splice(0, kept.length - rows)
  }
  return { rows: kept.slice(-rows).reverse(), matching }
}

function contains(words: readonly (string | number | null | undefined)[], find: string): boolean {
  return words.some(
    (word) => word !== null && word !== undefined && String(word).toLowerCase().includes(find),
  )
}

export function newest<T>(records: Iterable<T>, size: number, rows = ROWS): T[] {
  const kept: T[] = []
  let index = 0
  for (const record of records) {
    if (index++ >= size - rows) kept.push(record)
  }
  return kept.reverse()
}
