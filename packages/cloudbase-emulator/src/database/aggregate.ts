/**
 * @module Aggregation pipelines of the stages listed here.
 */
import { Aggregator } from 'mingo/aggregator'
import { CloudError, cloudErrors } from '../cloud-error.ts'
import { assertAccumulator, assertExpression } from './expressions.ts'
import { CONTEXT } from './mingo-context.ts'
import { inOrder } from './order.ts'
import type { SortField } from './plan.ts'
import { compileQuery } from './query.ts'
import { copyOf, type Document, isDocument, type Value } from './values.ts'

export interface Stage {
  readonly name: string
  readonly value: Value
}

export interface Sources {
  /** The matching documents of the collection; null for all of them. */
  readonly start: (query: Document | null, sort: readonly SortField[]) => readonly Document[]
  readonly all: (collection: string) => readonly Document[]
}

// 云函数端聚合不带 limit 时只返回 20 条: in no document, but found by everyone who looked (community, 2020 to 2023).
const DEFAULT_LIMIT = 20

/** What each stage may be given; the messages name the stage. */
const STAGES: Readonly<Record<string, (value: Value) => void>> = {
  $match: (value) => void compileQuery(object('$match', value)),
  $project: (value) => assertExpression(object('$project', value)),
  $addFields: (value) => assertExpression(object('$addFields', value)),
  $sort: (value) => void sortOf(value),
  $limit: (value) => whole('$limit', value, 1),
  $skip: (value) => whole('$skip', value, 0),
  $count: (value) => {
    if (typeof value !== 'string' || value === '' || value.startsWith('$'))
      throw cloudErrors.invalid('$count needs a field name')
  },
  $unwind: (value) => {
    if (typeof value === 'string') return
    only('$unwind', object('$unwind', value), ['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'])
  },
  $group: (value) => {
    const { _id, ...fields } = object('$group', value)
    if (_id === undefined) throw cloudErrors.invalid('$group needs _id')
    assertExpression(_id)
    for (const [field, accumulator] of Object.entries(fields)) assertAccumulator(field, accumulator)
  },
  $sortByCount: (value) => assertExpression(value),
  $replaceRoot: (value) => {
    only('$replaceRoot', object('$replaceRoot', value), ['newRoot'])
    assertExpression(value)
  },
  $lookup: (value) => {
    // The form with let and pipeline is another program.
    const lookup = object('$lookup', value)
    only('$lookup', lookup, ['from', 'localField', 'foreignField', 'as'])
    if (Object.values(lookup).some((member) => typeof member !== 'string')) {
      throw cloudErrors.invalid('$lookup needs from, localField, foreignField and as')
    }
  },
}

export function aggregate(stages: readonly Stage[], sources: Sources): readonly Document[] {
  for (const { name, value } of stages) {
    const accepts = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined
    if (accepts === undefined) throw cloudErrors.notEmulated(`the aggregation stage ${name}`)
    accepts(value)
  }
  const [first, second] = stages
  const query = first?.name === '$match' && isDocument(first.value) ? first.value : null
  const sort = query !== null && second?.name === '$sort' ? sortOf(second.value) : []
  // Copies: mingo's stages write into what they are given.
  let documents: readonly Document[] = sources.start(query, sort).map(copyOf)
  for (const stage of stages.slice(query === null ? 0 : 1)) documents = runStage(stage, documents, sources)
  return stages.some(({ name }) => name === '$limit') ? documents : documents.slice(0, DEFAULT_LIMIT)
}

function runStage(
  { name, value }: Stage,
  documents: readonly Document[],
  sources: Sources,
): readonly Document[] {
  if (name === '$match' && isDocument(value)) return documents.filter(compileQuery(value))
  if (name === '$sort') return inOrder(documents, sortOf(value))
  if (name === '$skip') return documents.slice(Number(value))
  if (name === '$limit') return documents.slice(0, Number(value))
  try {
    const aggregator = new Aggregator([{ [name]: value }], {
      context: CONTEXT,
      collectionResolver: (from) => [...sources.all(from)] as Record<string, Value>[],
    })
    return aggregator
      .run<Record<string, Value>>([...documents] as Record<string, Value>[])
      .map(withoutMissing)
  } catch (error) {
    if (error instanceof CloudError) throw error
    throw cloudErrors.failedOperation(error instanceof Error ? error.message : String(error))
  }
}

// mingo leaves undefined where an expression came to nothing. What comes out is a copy, and so shares nothing with a
// collection that was joined.
function withoutMissing(document: Document): Document {
  const members: [string, Value | undefined][] = Object.entries(document)
  return Object.fromEntries(
    members.flatMap(([name, value]) => (value === undefined ? [] : [[name, withoutMissingIn(value)]])),
  )
}

function withoutMissingIn(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => withoutMissingIn(item ?? null))
  return isDocument(value) ? withoutMissing(value) : value
}

function sortOf(value: Value): readonly SortField[] {
  return Object.entries(object('$sort', value)).map(([name, direction]) => {
    if (direction !== 1 && direction !== -1) throw cloudErrors.invalid(`$sort of ${name} must be 1 or -1`)
    return { name, direction }
  })
}

function object(stage: string, value: Value): Document {
  if (!isDocument(value)) throw cloudErrors.invalid(`${stage} must be given an object`)
  return value
}

function whole(stage: string, value: Value, min: number): void {
  if (!Number.isInteger(value) || Number(value) < min)
    throw cloudErrors.invalid(`${stage} must be a whole number from ${min}`)
}

function only(stage: string, value: Document, known: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw cloudErrors.notEmulated(`${unknown} of ${stage}`)
}
