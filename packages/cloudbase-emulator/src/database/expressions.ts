/**
 * @module Which aggregation expressions are emulated: those of db.command.aggregate that are listed here, and no others.
 */
import { cloudErrors } from '../cloud-error.ts'
import { type Document, isDocument, type Value } from './values.ts'

const EXPRESSIONS: ReadonlySet<string> = new Set([
  ...['$abs', '$add', '$ceil', '$divide', '$floor', '$mod', '$multiply', '$subtract', '$trunc'],
  ...[
    '$arrayElemAt',
    '$concatArrays',
    '$filter',
    '$in',
    '$indexOfArray',
    '$isArray',
    '$map',
    '$range',
    '$reduce',
  ],
  ...['$reverseArray', '$size', '$slice', '$zip', '$arrayToObject', '$objectToArray', '$mergeObjects'],
  ...[
    '$and',
    '$not',
    '$or',
    '$cmp',
    '$eq',
    '$gt',
    '$gte',
    '$lt',
    '$lte',
    '$ne',
    '$cond',
    '$ifNull',
    '$switch',
  ],
  ...[
    '$dateToString',
    '$dayOfMonth',
    '$dayOfWeek',
    '$dayOfYear',
    '$hour',
    '$millisecond',
    '$minute',
    '$month',
  ],
  ...['$second', '$week', '$year', '$literal', '$let'],
  ...[
    '$allElementsTrue',
    '$anyElementTrue',
    '$setDifference',
    '$setEquals',
    '$setIntersection',
    '$setIsSubset',
  ],
  ...[
    '$setUnion',
    '$concat',
    '$indexOfCP',
    '$split',
    '$strLenCP',
    '$strcasecmp',
    '$substrCP',
    '$toLower',
    '$toUpper',
  ],
])

const ACCUMULATORS: ReadonlySet<string> = new Set([
  ...['$addToSet', '$avg', '$first', '$last', '$max', '$min', '$push', '$stdDevPop', '$stdDevSamp', '$sum'],
  '$mergeObjects',
])

const VARIABLES: ReadonlySet<string> = new Set(['ROOT', 'CURRENT'])

/** @throws CloudError that names the first operator or variable that is not emulated. */
export function assertExpression(value: Value, variables: ReadonlySet<string> = VARIABLES): void {
  if (typeof value === 'string' && value.startsWith('$$')) {
    const name = value.slice(2).split('.')[0] ?? ''
    if (!variables.has(name)) throw cloudErrors.notEmulated(`the aggregation variable $$${name}`)
    return
  }
  if (Array.isArray(value)) {
    for (const item of value) assertExpression(item, variables)
    return
  }
  if (!isDocument(value)) return
  const operators = Object.keys(value).filter((name) => name.startsWith('$'))
  if (operators.length > 0 && Object.keys(value).length > 1) {
    throw cloudErrors.invalid(`an expression has one operator, not ${Object.keys(value).join(', ')}`)
  }
  for (const [name, operand] of Object.entries(value)) {
    if (!name.startsWith('$')) {
      assertExpression(operand, variables)
      continue
    }
    if (name === '$literal') return
    if (!EXPRESSIONS.has(name) && !ACCUMULATORS.has(name))
      throw cloudErrors.notEmulated(`the aggregation operator ${name}`)
    assertExpression(operand, new Set([...variables, ...introducedBy(name, operand)]))
  }
}

/** One field of $group: an accumulator over an expression. */
export function assertAccumulator(field: string, value: Value): void {
  const [name, ...more] = isDocument(value) ? Object.keys(value) : []
  if (name === undefined || more.length > 0)
    throw cloudErrors.invalid(`${field} of $group needs one accumulator`)
  if (!ACCUMULATORS.has(name)) throw cloudErrors.notEmulated(`the accumulator ${name}`)
  assertExpression((value as Document)[name] ?? null)
}

function introducedBy(operator: string, operand: Value): readonly string[] {
  if (!isDocument(operand)) return []
  if (operator === '$reduce') return ['value', 'this']
  if (operator === '$map' || operator === '$filter') {
    return [typeof operand.as === 'string' ? operand.as : 'this']
  }
  if (operator === '$let' && isDocument(operand.vars)) return Object.keys(operand.vars)
  return []
}
