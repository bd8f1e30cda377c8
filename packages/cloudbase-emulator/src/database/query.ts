/**
 * @module What a query may say, and whether a document matches it. Whatever is not in these tables is an error by name.
 */
import { Query } from 'mingo'
import { cloudErrors } from '../cloud-error.ts'
import { assertExpression } from './expressions.ts'
import { type Document, isDocument, type Value } from './values.ts'

/** The operators `db.command` sends, geography aside, and what each must be given. */
const FIELD_OPERATORS = {
  $eq: () => true,
  $ne: () => true,
  $gt: () => true,
  $gte: () => true,
  $lt: () => true,
  $lte: () => true,
  $in: Array.isArray,
  $nin: Array.isArray,
  $all: Array.isArray,
  $exists: (value: Value) => typeof value === 'boolean',
  $size: (value: Value) => Number.isInteger(value),
  $mod: (value: Value) => Array.isArray(value) && value.length === 2 && value.every(Number.isInteger),
  $elemMatch: isDocument,
  $not: (value: Value) => value instanceof RegExp || isOperators(value),
} as const satisfies Record<string, (value: Value) => boolean>

const LOGIC_OPERATORS: readonly string[] = ['$and', '$or', '$nor']

export function isOperators(value: Value | undefined): value is Document {
  return isDocument(value) && Object.keys(value).some((name) => name.startsWith('$'))
}

export type Matches = (document: Document) => boolean

/** @throws CloudError that names what of the query is not emulated. */
export function compileQuery(query: Document): Matches {
  assertQuery(query)
  const compiled = refusing(() => new Query<Document>(query))
  return (document) => refusing(() => compiled.test(document))
}

// What mingo won't do, MongoDB wouldn't either.
function refusing<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw cloudErrors.invalid(error instanceof Error ? error.message : String(error))
  }
}

function assertQuery(query: Document): void {
  for (const [name, value] of Object.entries(query)) {
    if (LOGIC_OPERATORS.includes(name)) {
      if (!Array.isArray(value) || value.length === 0)
        throw cloudErrors.invalid(`${name} must be a nonempty array`)
      for (const branch of value) {
        if (!isDocument(branch)) throw cloudErrors.invalid(`${name} must hold objects`)
        assertQuery(branch)
      }
    } else if (name === '$expr') {
      assertExpression(value)
    } else if (name.startsWith('$')) {
      throw cloudErrors.notEmulated(`the query operator ${name}`)
    } else if (isOperators(value)) {
      assertOperators(value, name)
    }
  }
}

function assertOperators(operators: Document, field: string): void {
  for (const [name, operand] of Object.entries(operators)) {
    const accepts = Object.hasOwn(FIELD_OPERATORS, name)
      ? FIELD_OPERATORS[name as keyof typeof FIELD_OPERATORS]
      : undefined
    if (accepts === undefined) {
      throw name.startsWith('$')
        ? cloudErrors.notEmulated(`the query operator ${name} (${field})`)
        : cloudErrors.invalid(`${field} mixes operators with the field ${name}`)
    }
    if (!accepts(operand))
      throw cloudErrors.invalid(`${field}: ${name} can't be given ${JSON.stringify(operand)}`)
    if (name === '$not' && isDocument(operand)) assertOperators(operand, field)
    if (name === '$elemMatch' && isDocument(operand)) {
      if (isOperators(operand) && !Object.keys(operand).some((key) => LOGIC_OPERATORS.includes(key))) {
        assertOperators(operand, field)
      } else assertQuery(operand)
    }
  }
}
