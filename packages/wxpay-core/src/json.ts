/** @module Reads JSON from outside into checked members; everything wrong is one kind of error with a path. */
import { isUtf8 } from 'node:buffer'

/** A JSON object whose members are still unknown. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Text that is not the JSON we expect. `message` names the member, never its value. */
export class JsonShapeError extends Error {
  override readonly name = 'JsonShapeError'
}

/** @throws JsonShapeError when the bytes are not UTF-8 JSON with an object at the top */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  if (!isUtf8(bytes)) throw new JsonShapeError('not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    // The parser's own message quotes the text, which may be personal.
    throw new JsonShapeError('not JSON')
  }
  if (!isObject(value)) throw new JsonShapeError('not a JSON object')
  return value
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that must be text with at least one character. */
export function textOf(object: JsonObject, name: string): string {
  const value = optionalTextOf(object, name)
  if (value === undefined || value === '') throw new JsonShapeError(`${name} is missing`)
  return value
}

/** A member that may be missing or null, but else must be text. */
export function optionalTextOf(object: JsonObject, name: string): string | undefined {
  const value = member(object, name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new JsonShapeError(`${name} is not text`)
  return value
}

/** A member that may be missing, but else must be whole fen, not negative. */
export function optionalFenOf(object: JsonObject, name: string): number | undefined {
  const value = member(object, name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new JsonShapeError(`${name} is not a whole number of fen`)
  }
  return value
}

/** A member that may be missing, but else must be an object. */
export function optionalObjectOf(object: JsonObject, name: string): JsonObject | undefined {
  const value = member(object, name)
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw new JsonShapeError(`${name} is not an object`)
  return value
}

/** A member that must be an object. */
export function objectOf(object: JsonObject, name: string): JsonObject {
  const value = optionalObjectOf(object, name)
  if (value === undefined) throw new JsonShapeError(`${name} is missing`)
  return value
}

function member(object: JsonObject, name: string): unknown {
  // Only what the text itself holds: not `constructor` and its kin.
  return Object.hasOwn(object, name) ? object[name] : undefined
}
