/** @module Reads JSON from outside into checked members; everything wrong is one kind of error with a path. */
import { isWhole } from './checks.ts'
import { bufferOf, fromUtf8, isBlank, isUtf8 } from './utf8.ts'

// Called like this, Node 20 compiles it into a look at the object's shape; Object.hasOwn it does not.
const { hasOwnProperty: hasOwn } = Object.prototype

/** A JSON object whose members are still unknown. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Text that is not the JSON we expect. `message` names the member, never its value. */
export class JsonShapeError extends Error {
  override readonly name = 'JsonShapeError'
}

/** @throws JsonShapeError when the bytes are not UTF-8 JSON with an object at the top */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const text = fromUtf8(bytes)
  if (text === undefined) throw new JsonShapeError('not UTF-8')
  return objectIn(text)
}

/**
 * Like `parseJsonObject`, for an envelope of which only ASCII members are read: other texts may come out as their UTF-8
 * bytes, each a character. To decode a Chinese summary that nobody reads takes longer than to parse the rest.
 *
 * @throws JsonShapeError
 */
export function parseAsciiMembers(bytes: Uint8Array): JsonObject {
  const text = bufferOf(bytes).toString('latin1')
  // Names that are equal have equal bytes, unless one of them is written with an escape.
  // Stryker disable next-line ConditionalExpression,StringLiteral: reading all of it in full says the same, later
  return text.includes('\\') || !isUtf8(bytes) ? parseJsonObject(bytes) : objectIn(text)
}

function objectIn(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, which may be personal.
    throw new JsonShapeError('not JSON')
  }
  if (!isObject(value)) throw new JsonShapeError('not a JSON object')
  // JSON.parse keeps the last of two members of one name, other readers the first, and a signature covers both: whoever
  // logs, stores or compares with another reader would see another amount. No message of WeChat's has one twice.
  const members = membersOf(value)
  // Stryker disable next-line ConditionalExpression: to count closely in any case says the same, later
  const isDoubtful = namesAtMost(text) !== members
  if (isDoubtful && namesIn(text) !== members) throw new JsonShapeError('the same member twice')
  return value
}

/** Colons behind a quote: every name has one, and now and then a text has one too. Quick, and never fewer than the names. */
export function namesAtMost(text: string): number {
  let count = 0
  let at = 0
  for (;;) {
    at = text.indexOf(':', at + 1)
    if (at === -1) return count
    let before = at - 1
    while (isBlank(text.charCodeAt(before))) before -= 1
    if (text.charCodeAt(before) === 0x22) count += 1
  }
}

/** How many members a text names: its strings that a colon follows. For text that is known to be JSON. */
function namesIn(text: string): number {
  let count = 0
  let at = text.indexOf('"')
  while (at !== -1) {
    let end = text.indexOf('"', at + 1)
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
    let next = end + 1
    while (isBlank(text.charCodeAt(next))) next += 1
    if (text.charCodeAt(next) === 0x3a) count += 1
    at = text.indexOf('"', next)
  }
  return count
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: string, place: number): boolean {
  let isOdd = false
  for (let before = place - 1; text.charCodeAt(before) === 0x5c; before -= 1) isOdd = !isOdd
  return isOdd
}

/** How many members an object or a list has, those of all its parts included. */
function membersOf(value: object): number {
  const isList = Array.isArray(value)
  // Not `for … in`: to ask of each name whether it is the object's own takes longer than all the rest.
  const parts: readonly unknown[] = isList ? value : Object.values(value)
  let count = isList ? 0 : parts.length
  for (const part of parts) {
    if (typeof part === 'object' && part !== null) count += membersOf(part)
  }
  return count
}

/** A member that may be missing or null, but else must be text. */
export function optionalTextOf(object: JsonObject, name: string): string | undefined {
  return optional(object, name, isText, 'text')
}

/** A member that must be text with at least one character. */
export function textOf(object: JsonObject, name: string): string {
  return required(name, optionalTextOf(object, name) || undefined)
}

/** A member that may be missing or null, but else must be whole fen, not negative. */
export function optionalFenOf(object: JsonObject, name: string): number | undefined {
  return optional(object, name, isFen, 'a whole number of fen')
}

/** A member that must be whole fen, not negative. */
export function fenOf(object: JsonObject, name: string): number {
  return required(name, optionalFenOf(object, name))
}

/** A member that may be missing or null, but else must be an object. */
export function optionalObjectOf(object: JsonObject, name: string): JsonObject | undefined {
  return optional(object, name, isObject, 'an object')
}

/** A member that must be an object. */
export function objectOf(object: JsonObject, name: string): JsonObject {
  return required(name, optionalObjectOf(object, name))
}

/** The entries of a list that can be read: coupons, over which nothing is lost. Undefined when there are none. */
export function readablesOf<T>(list: unknown, read: (entry: JsonObject) => T): readonly T[] | undefined {
  if (!Array.isArray(list)) return undefined
  const readable: T[] = []
  for (const entry of list) {
    try {
      if (isObject(entry)) readable.push(read(entry))
    } catch {
      // Left out.
    }
  }
  return readable.length === 0 ? undefined : readable
}

function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new JsonShapeError(`${name} is missing`)
  return value
}

function optional<T>(
  object: JsonObject,
  name: string,
  is: (value: unknown) => value is T,
  what: string,
): T | undefined {
  // Only what the text itself holds: not `constructor` and its kin.
  const value = hasOwn.call(object, name) ? object[name] : undefined
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw new JsonShapeError(`${name} is not ${what}`)
  return value
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isFen(value: unknown): value is number {
  return isWhole(value, 0)
}
