/**
 * @module What a query may say, and whether a document matches it, as in MongoDB. Whatever is not in the table is an
 * error by name.
 */
import { cloudErrors } from '../cloud-error.ts'
import { leavesAt } from './paths.ts'
import { compareValues, type Document, isDocument, isSameType, type Value } from './values.ts'

export type Matches = (document: Document) => boolean
type Found = Value | undefined
/** Whether a field matches: its leaves as they are, and with the items of lists beside the lists. */
type FieldMatches = (leaves: readonly Found[], values: readonly Found[]) => boolean

/** The operators `db.command` sends, geography aside. Each refuses what it can't be given. */
const OPERATORS: Readonly<Record<string, (operand: Value, field: string) => FieldMatches>> = {
  $eq: (operand) => some((value) => equals(value, operand)),
  $ne: (operand) => not(some((value) => equals(value, operand))),
  $gt: (operand) => some((value) => isSameType(value, operand) && compareValues(value, operand) > 0),
  $gte: (operand) => some((value) => isSameType(value, operand) && compareValues(value, operand) >= 0),
  $lt: (operand) => some((value) => isSameType(value, operand) && compareValues(value, operand) < 0),
  $lte: (operand) => some((value) => isSameType(value, operand) && compareValues(value, operand) <= 0),
  $in: (operand, field) => isIn(listOf('$in', operand, field)),
  $nin: (operand, field) => not(isIn(listOf('$nin', operand, field))),
  $all(operand, field) {
    const each = listOf('$all', operand, field).map((item) =>
      isOperators(item)
        ? operatorsMatch(only(['$elemMatch'], item, field), field)
        : some((v) => equals(v, item)),
    )
    return (leaves, values) => each.length > 0 && each.every((matches) => matches(leaves, values))
  },
  $exists(operand, field) {
    if (typeof operand !== 'boolean') throw refused('$exists', operand, field)
    return (leaves) => leaves.some((leaf) => leaf !== undefined) === operand
  },
  $size(operand, field) {
    if (!Number.isInteger(operand)) throw refused('$size', operand, field)
    return (leaves) => leaves.some((leaf) => Array.isArray(leaf) && leaf.length === operand)
  },
  $mod(operand, field) {
    const [divisor, rest, ...more] = listOf('$mod', operand, field)
    if (typeof divisor !== 'number' || typeof rest !== 'number' || divisor === 0 || more.length > 0) {
      throw refused('$mod', operand, field)
    }
    return some((value) => typeof value === 'number' && Math.trunc(value) % divisor === rest)
  },
  $elemMatch(operand, field) {
    if (!isDocument(operand)) throw refused('$elemMatch', operand, field)
    const isOfValues = isOperators(operand) && !Object.keys(operand).some(isLogic)
    const ofValues = isOfValues ? operatorsMatch(operand, field) : null
    const ofObjects = isOfValues ? null : compileQuery(operand)
    const matches = (item: Value): boolean =>
      ofValues?.([item], [item]) ?? (isDocument(item) && (ofObjects?.(item) ?? false))
    return (leaves) => leaves.some((leaf) => Array.isArray(leaf) && leaf.some(matches))
  },
  $not(operand, field) {
    if (operand instanceof RegExp) return not(some((value) => equals(value, operand)))
    if (!isOperators(operand)) throw refused('$not', operand, field)
    return not(operatorsMatch(operand, field))
  },
}

/** @throws CloudError that names what of the query is not emulated. */
export function compileQuery(query: Document): Matches {
  const parts = Object.entries(query).map(([name, value]): Matches => {
    if (isLogic(name)) return logic(name, value)
    if (name.startsWith('$')) throw cloudErrors.notEmulated(`the query operator ${name}`)
    const matches = compileCondition(value, name)
    return (document) => matchField(matches, leavesAt(document, name))
  })
  return (document) => parts.every((matches) => matches(document))
}

/** What is said of one value, as $pull says it of each item. */
export function compileItemCondition(condition: Value, field: string): (item: Value) => boolean {
  if (isDocument(condition) && !isOperators(condition)) {
    const matches = compileQuery(condition)
    return (item) => isDocument(item) && matches(item)
  }
  const matches = compileCondition(condition, field)
  return (item) => matchField(matches, [item])
}

export function isOperators(value: Value | undefined): value is Document {
  return isDocument(value) && Object.keys(value).some((name) => name.startsWith('$'))
}

function compileCondition(condition: Value, field: string): FieldMatches {
  return isOperators(condition) ? operatorsMatch(condition, field) : some((value) => equals(value, condition))
}

function matchField(matches: FieldMatches, leaves: readonly Found[]): boolean {
  return matches(
    leaves,
    leaves.flatMap((leaf) => (Array.isArray(leaf) ? [...leaf, leaf] : [leaf])),
  )
}

function operatorsMatch(operators: Document, field: string): FieldMatches {
  const parts = Object.entries(operators).map(([name, operand]) => {
    const compile = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined
    if (compile !== undefined) return compile(operand, field)
    throw name.startsWith('$')
      ? cloudErrors.notEmulated(`the query operator ${name} (${field})`)
      : cloudErrors.invalid(`${field} mixes operators with the field ${name}`)
  })
  return (leaves, values) => parts.every((matches) => matches(leaves, values))
}

const isLogic = (name: string): boolean => name === '$and' || name === '$or' || name === '$nor'

function logic(name: string, value: Value): Matches {
  if (!Array.isArray(value) || value.length === 0)
    throw cloudErrors.invalid(`${name} must be a nonempty array`)
  const branches = value.map((branch) => {
    if (!isDocument(branch)) throw cloudErrors.invalid(`${name} must hold objects`)
    return compileQuery(branch)
  })
  if (name === '$and') return (document) => branches.every((matches) => matches(document))
  return (document) => branches.some((matches) => matches(document)) === (name === '$or')
}

function some(matches: (value: Found) => boolean): FieldMatches {
  return (_, values) => values.some(matches)
}

function not(matches: FieldMatches): FieldMatches {
  return (leaves, values) => !matches(leaves, values)
}

function isIn(operands: readonly Value[]): FieldMatches {
  return some((value) => operands.some((operand) => equals(value, operand)))
}

function equals(value: Found, operand: Value): boolean {
  if (operand instanceof RegExp) return typeof value === 'string' && operand.test(value)
  return compareValues(value, operand) === 0
}

function listOf(operator: string, operand: Value, field: string): readonly Value[] {
  if (!Array.isArray(operand)) throw refused(operator, operand, field)
  return operand
}

function only(known: readonly string[], operators: Document, field: string): Document {
  const unknown = Object.keys(operators).find((name) => !known.includes(name))
  if (unknown !== undefined) throw cloudErrors.notEmulated(`the query operator ${unknown} in $all (${field})`)
  return operators
}

function refused(operator: string, operand: Value, field: string): Error {
  return cloudErrors.invalid(`${field}: ${operator} can't be given ${JSON.stringify(operand)}`)
}
