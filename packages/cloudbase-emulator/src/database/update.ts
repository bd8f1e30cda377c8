/**
 * @module Applies the update operators the SDK sends to one document, with MongoDB's refusals.
 */
import { update } from 'mingo'
import { cloudErrors } from '../cloud-error.ts'
import { compileQuery, isOperators } from './query.ts'
import { compareValues, copyOf, type Document, isDocument, type Value } from './values.ts'

/** What may be at the field when an operator meets it; a missing field always may. */
const OPERATORS = {
  $set: () => true,
  $unset: () => true,
  $inc: isNumber,
  $mul: isNumber,
  $min: () => true,
  $max: () => true,
  $rename: () => true,
  $push: Array.isArray,
  $pop: Array.isArray,
  $pull: Array.isArray,
  $pullAll: Array.isArray,
  $addToSet: Array.isArray,
} as const satisfies Record<string, (present: Value) => boolean>
type Operator = keyof typeof OPERATORS

const PUSH_MODIFIERS: readonly string[] = ['$each', '$position', '$slice', '$sort']

/** @throws CloudError that names an operator, a modifier or an operand that is not emulated. */
export function assertUpdate(operations: Document): void {
  if (Object.keys(operations).length === 0) throw cloudErrors.invalid('the update is empty')
  for (const [operator, fields] of Object.entries(operations)) {
    if (!isOperator(operator)) {
      throw operator.startsWith('$')
        ? cloudErrors.notEmulated(`the update operator ${operator}`)
        : cloudErrors.invalid(`the update mixes the field ${operator} with operators`)
    }
    if (!isDocument(fields)) throw cloudErrors.invalid(`${operator} must be given an object`)
    for (const [path, operand] of Object.entries(fields)) assertOperand(operator, path, operand)
  }
}

function assertOperand(operator: Operator, path: string, operand: Value): void {
  if (path === '_id' || path.startsWith('_id.')) throw cloudErrors.invalid("_id can't be changed")
  const segments = path.split('.')
  if (segments.some((segment) => segment === '' || segment.startsWith('$') || segment === '__proto__')) {
    throw cloudErrors.notEmulated(`the update path ${path}`)
  }
  const refuse = (): never => {
    throw cloudErrors.invalid(`${operator} of ${path} can't be given ${JSON.stringify(operand)}`)
  }
  if ((operator === '$inc' || operator === '$mul') && !isNumber(operand)) refuse()
  if (operator === '$pop' && operand !== 1 && operand !== -1) refuse()
  if (operator === '$pullAll' && !Array.isArray(operand)) refuse()
  if (operator === '$rename' && (typeof operand !== 'string' || operand === '' || operand.startsWith('_id')))
    refuse()
  if ((operator === '$push' || operator === '$addToSet') && isOperators(operand)) {
    const known = operator === '$push' ? PUSH_MODIFIERS : ['$each']
    const unknown = Object.keys(operand).find((name) => !known.includes(name))
    if (unknown !== undefined) throw cloudErrors.notEmulated(`the modifier ${unknown} of ${operator}`)
    if (!Array.isArray(operand.$each)) refuse()
  }
  if (operator === '$pull' && isDocument(operand))
    compileQuery(isOperators(operand) ? { item: operand } : operand)
}

/** The document after the update; the very same object when nothing changed. */
export function applyUpdate(document: Document, operations: Document): Document {
  const draft = copyOf(document)
  for (const [operator, fields] of Object.entries(operations)) {
    if (!isOperator(operator) || !isDocument(fields)) continue
    for (const path of Object.keys(fields)) assertApplicable(draft, operator, path)
  }
  try {
    // mingo passes over $slice and $sort when the list is yet to be made.
    const lists = missingLists(draft, operations)
    if (Object.keys(lists).length > 0) update(draft, { $set: lists })
    update(draft, copyOf(operations))
  } catch (error) {
    throw cloudErrors.failedOperation(error instanceof Error ? error.message : String(error))
  }
  return compareValues(draft, document) === 0 ? document : draft
}

function missingLists(document: Document, { $push }: Document): Record<string, Value> {
  if (!isDocument($push)) return {}
  const missing = Object.entries($push).filter(
    ([path, operand]) => isOperators(operand) && exactlyAt(document, path.split('.')) === undefined,
  )
  return Object.fromEntries(missing.map(([path]) => [path, []]))
}

// mingo passes over what MongoDB refuses; here it is refused.
function assertApplicable(document: Document, operator: Operator, path: string): void {
  const segments = path.split('.')
  for (let depth = 1; depth < segments.length; depth++) {
    const parent = exactlyAt(document, segments.slice(0, depth))
    if (parent !== undefined && !isDocument(parent) && !Array.isArray(parent) && operator !== '$unset') {
      throw cloudErrors.failedOperation(
        `Cannot create field '${segments[depth]}' in element {${segments[depth - 1]}: ${JSON.stringify(parent)}}`,
      )
    }
  }
  const present = exactlyAt(document, segments)
  if (present !== undefined && !OPERATORS[operator](present)) {
    throw cloudErrors.failedOperation(
      operator === '$inc' || operator === '$mul'
        ? `Cannot apply ${operator} to a value of non-numeric type. {_id: ${JSON.stringify(document._id)}} has the field '${path}' of non-numeric type`
        : `The field '${path}' must be an array but is of type ${typeof present} in document {_id: ${JSON.stringify(document._id)}}`,
    )
  }
}

function exactlyAt(document: Document, segments: readonly string[]): Value | undefined {
  let value: Value | undefined = document
  for (const segment of segments) {
    if (Array.isArray(value)) value = value[Number(segment)]
    else if (isDocument(value)) value = Object.hasOwn(value, segment) ? value[segment] : undefined
    else return undefined
  }
  return value
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(OPERATORS, name)
}

function isNumber(value: Value): boolean {
  return typeof value === 'number'
}
