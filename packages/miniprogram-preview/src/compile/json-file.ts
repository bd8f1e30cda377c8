/** @module Reads the JSON files of a mini-program, keeping the text so that a problem can point at its line. */
import fs from 'node:fs'
import { type ProblemList, placeAt } from './problems.ts'

export interface JsonObject {
  readonly [key: string]: unknown
}

export interface JsonFile {
  readonly file: string
  readonly text: string
  readonly value: JsonObject
  readonly state: 'read' | 'missing' | 'broken'
}

/** Reads a file that should hold one JSON object. A missing file is an empty object: most JSON files of a program are optional. */
export function readJsonFile(absolute: string, file: string, problems: ProblemList): JsonFile {
  if (!fs.existsSync(absolute)) return { file, text: '', value: {}, state: 'missing' }
  const text = fs.readFileSync(absolute, 'utf8').replace(/^\uFEFF/, '')
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return { file, text, value, state: 'read' }
    problems.error({ file }, 'expected a JSON object here, like {}')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    problems.error({ file, ...placeOfSyntaxError(text, message) }, `this is not valid JSON: ${message}`)
  }
  return { file, text, value: {}, state: 'broken' }
}

/** Where a quoted word stands in the file; its first line when it is not there. */
export function placeOfWord(json: JsonFile, word: string): { file: string; line: number; column: number } {
  const offset = json.text.indexOf(JSON.stringify(word))
  return { file: json.file, ...placeAt(json.text, offset) }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The entries of an object whose values are strings; anything else in it is ignored. */
export function stringEntries(value: unknown): [string, string][] {
  if (!isJsonObject(value)) return []
  return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
}

function placeOfSyntaxError(text: string, message: string): { line: number; column: number } {
  // Node 20 says "at position 12", Node 22 adds "(line 2 column 3)"; an early end names no place.
  const position = /position (\d+)/.exec(message)?.[1]
  return placeAt(text, position === undefined ? text.length : Number(position))
}
