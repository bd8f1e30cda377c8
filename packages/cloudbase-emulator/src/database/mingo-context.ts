/**
 * @module mingo's stages and expressions, with what compares and collects done as MongoDB does it: mingo takes a list for
 * any of its items, and a missing field for null.
 */
import { Context, evalExpr, type OpType } from 'mingo/core'
import * as accumulators from 'mingo/operators/accumulator'
import * as expressions from 'mingo/operators/expression'
import * as pipeline from 'mingo/operators/pipeline'
import { compareValues, type Value } from './values.ts'

type Options = Parameters<typeof evalExpr>[2]
type Expression = (document: unknown, operands: unknown, options: Options) => unknown
type Accumulator = (documents: unknown[], operand: unknown, options: Options) => Value[]

const compare =
  (decide: (order: number) => number | boolean): Expression =>
  (document, operands, options) => {
    const [a, b] = evalExpr(document, operands, options) as readonly (Value | undefined)[]
    const isEitherMissing = a === undefined || b === undefined
    return decide(isEitherMissing ? Number(a !== undefined) - Number(b !== undefined) : compareValues(a, b))
  }

// mingo's $push makes null of a missing field; under this operator a missing field stays apart from null.
const MISSING = Symbol('missing')
const OR_MISSING = '$orMissing'
const orMissing: Expression = (document, operand, options) => {
  const value = evalExpr(document, operand, options)
  return value === undefined ? MISSING : value
}

const collect: Accumulator = (documents, operand, options) =>
  accumulators
    .$push(documents, { [OR_MISSING]: operand }, options)
    .filter((value): value is Value => value !== MISSING)

const collectOnce: Accumulator = (documents, operand, options) => {
  const values = collect(documents, operand, options)
  return values.filter((value, i) => values.findIndex((other) => compareValues(other, value) === 0) === i)
}

export const CONTEXT: Context = Context.init({
  accumulator: { ...accumulators, $push: collect, $addToSet: collectOnce } as Operators<'accumulator'>,
  expression: {
    ...expressions,
    [OR_MISSING]: orMissing,
    $cmp: compare(Math.sign),
    $eq: compare((order) => order === 0),
    $ne: compare((order) => order !== 0),
    $gt: compare((order) => order > 0),
    $gte: compare((order) => order >= 0),
    $lt: compare((order) => order < 0),
    $lte: compare((order) => order <= 0),
  } as Operators<'expression'>,
  pipeline,
})

type Operators<Kind extends `${OpType}`> = NonNullable<NonNullable<Parameters<typeof Context.init>[0]>[Kind]>
