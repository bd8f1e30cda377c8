/**
 * @module Documents between the wire (EJSON text) and memory (plain JavaScript values), and the order of such values.
 */
import { calculateObjectSize, EJSON } from 'bson'
import { cloudErrors } from '../cloud-error.ts'

export type Value = null | boolean | number | string | Date | RegExp | readonly Value[] | Document
export interface Document {
  readonly [field: string]: Value
}

const MAX_DEPTH = 100

/** Parses one EJSON text to an object. `now` is what a server date in it becomes. */
export function parseDocument(text: unknown, now: number, what: string): Document {
  const value = parseValue(text, now, what)
  if (!isDocument(value)) throw cloudErrors.invalid(`${what} must be an object`)
  return value
}

export function parseValue(text: unknown, now: number, what: string): Value {
  if (typeof text !== 'string') throw cloudErrors.invalid(`${what} must be an EJSON string`)
  let raw: unknown
  try {
    raw = EJSON.parse(text)
  } catch (error) {
    throw cloudErrors.invalid(
      `${what} is no EJSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return plain(raw, now, what, 0)
}

// Only the types that survive the whole way unharmed. Anything else would come back as something else.
function plain(raw: unknown, now: number, path: string, depth: number): Value {
  if (depth > MAX_DEPTH) throw cloudErrors.invalid(`${path} nests deeper than ${MAX_DEPTH}`)
  if (raw === null || typeof raw === 'boolean' || typeof raw === 'string') return raw
  if (typeof raw === 'number') {
    if (!Number.isFinite(raw)) throw cloudErrors.notEmulated(`the number ${raw} (${path})`)
    return raw
  }
  if (raw instanceof Date) return raw
  if (Array.isArray(raw)) return raw.map((item, i) => plain(item, now, `${path}[${i}]`, depth + 1))
  if (typeof raw !== 'object') throw cloudErrors.notEmulated(`a ${typeof raw} (${path})`)
  if ('_bsontype' in raw) {
    if (raw._bsontype === 'BSONRegExp' && 'pattern' in raw && 'options' in raw) {
      return expression(String(raw.pattern), String(raw.options), path)
    }
    throw cloudErrors.notEmulated(`the type ${String(raw._bsontype)} (${path})`)
  }
  if ('$tcb_server_date' in raw) return serverDate(raw.$tcb_server_date, now, path)
  const members: [string, Value][] = []
  for (const [name, member] of Object.entries(raw)) {
    if (name === '__proto__') throw cloudErrors.invalid(`${path} has a member __proto__`)
    members.push([name, plain(member, now, `${path}.${name}`, depth + 1)])
  }
  return Object.fromEntries(members)
}

function expression(pattern: string, options: string, path: string): RegExp {
  if (!/^[ims]*$/.test(options))
    throw cloudErrors.notEmulated(`the regular expression option ${options} (${path})`)
  try {
    return new RegExp(pattern, options)
  } catch {
    throw cloudErrors.invalid(`${path} is no regular expression`)
  }
}

function serverDate(value: unknown, now: number, path: string): Date {
  const offset = typeof value === 'object' && value !== null && 'offset' in value ? value.offset : undefined
  if (typeof offset !== 'number') throw cloudErrors.invalid(`${path}: a server date needs an offset`)
  return new Date(now + offset)
}

/** A copy nobody else writes to. */
export function copyOf(value: Document): Record<string, Value> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOfValue(member)]))
}

function copyOfValue(value: Value): Value {
  if (value instanceof Date) return new Date(value)
  if (Array.isArray(value)) return value.map(copyOfValue)
  return isDocument(value) ? copyOf(value) : value
}

export function formatDocument(document: Document): string {
  return EJSON.stringify(document, { relaxed: false })
}

export function isDocument(value: Value | undefined): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp)
  )
}

/** What may be stored: no operators, no dots, no expressions, not too large. */
export function assertStorable(document: Document, maxBytes: number): void {
  assertStorableValue(document, '')
  const bytes = calculateObjectSize(document)
  if (bytes > maxBytes) throw cloudErrors.documentTooLarge(bytes, maxBytes)
}

function assertStorableValue(value: Value, path: string): void {
  if (value instanceof RegExp) throw cloudErrors.notEmulated(`storing a regular expression (${path})`)
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) assertStorableValue(item, `${path}[${i}]`)
    return
  }
  if (!isDocument(value)) return
  for (const [name, member] of Object.entries(value)) {
    if (name === '' || name.startsWith('$') || name.includes('.') || name.includes('\0')) {
      throw cloudErrors.invalid(
        `the field name ${JSON.stringify(name)}${path === '' ? '' : ` in ${path}`} is not allowed`,
      )
    }
    assertStorableValue(member, path === '' ? name : `${path}.${name}`)
  }
}

/** Ids are strings or numbers; the key tells 1 from "1". */
export type IdKey = string

export function keyOf(id: Value | undefined): IdKey {
  if (typeof id === 'string') return `s${id}`
  if (typeof id === 'number') return `n${id}`
  throw cloudErrors.invalid('_id must be a string or a number')
}

// BSON's order of types, as far as they can be stored here.
function rank(value: Value | undefined): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number') return 1
  if (typeof value === 'string') return 2
  if (Array.isArray(value)) return 4
  if (typeof value === 'boolean') return 5
  if (value instanceof Date) return 6
  return value instanceof RegExp ? 7 : 3
}

/** Negative, zero or positive, as in BSON: by type first, then by value. A missing field equals null. */
export function compareValues(a: Value | undefined, b: Value | undefined): number {
  const byType = rank(a) - rank(b)
  if (byType !== 0) return byType
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime()
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if (isDocument(a) && isDocument(b)) return compareDocuments(a, b)
  return 0
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareValues(a[i], b[i])
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

// Member by member in their order: type, then name, then value.
function compareDocuments(a: Document, b: Document): number {
  const theirs = Object.entries(b)
  for (const [i, [name, value]] of Object.entries(a).entries()) {
    const [otherName, other] = theirs[i] ?? []
    if (otherName === undefined) return 1
    const order = rank(value) - rank(other) || compareValues(name, otherName) || compareValues(value, other)
    if (order !== 0) return order
  }
  return Object.keys(a).length - theirs.length
}

/** Whether two values can be compared by < and >; a missing field and null can. */
export function isSameType(a: Value | undefined, b: Value | undefined): boolean {
  return rank(a) === rank(b)
}
