/**
 * @module Which index serves a query, and where in it to look. The rule is the one for good indexes: fields pinned to a
 * value first, then the fields of the order, then ranges; all of them side by side from the left of one index.
 */
import { isOperators } from './query.ts'
import type { IndexRange, SortedIndex } from './sorted-index.ts'
import { type Document, type IdKey, isDocument, keyOf, type Value } from './values.ts'

export interface SortField {
  readonly name: string
  readonly direction: 1 | -1
}

/** Where to look: at these documents, in these stretches of an index, or at everything. */
export type Source =
  | { readonly kind: 'keys'; readonly keys: readonly IdKey[] }
  | { readonly kind: 'index'; readonly index: SortedIndex; readonly ranges: readonly IndexRange[] }
  | { readonly kind: 'all' }

export interface Plan {
  readonly sources: readonly Source[]
  /** null when an index serves the query; otherwise the fields an index would need, in a good order. */
  readonly missing: string | null
}

interface Constraint {
  /** The values the field is pinned to: one, or those of an $in. */
  readonly equal: readonly Value[] | null
  readonly from: Value | undefined
  readonly to: Value | undefined
}
type Constraints = ReadonlyMap<string, Constraint>

// More stretches than this, and looking at everything is no slower.
const MAX_RANGES = 1_000

export function planQuery(
  query: Document,
  sort: readonly SortField[],
  indexes: readonly SortedIndex[],
): Plan {
  const plans = branchesOf(query).map((conditions) => planBranch(constraintsOf(conditions), sort, indexes))
  const whole = plans.find((plan) => plan.source.kind === 'all')
  return {
    sources: whole === undefined ? plans.map((plan) => plan.source) : [whole.source],
    missing: plans.find((plan) => plan.missing !== null)?.missing ?? null,
  }
}

/** The query's conditions; with an $or, those of each branch together with everything around it. */
function branchesOf(query: Document): readonly (readonly Document[])[] {
  const { $or, ...rest } = query
  if (!Array.isArray($or)) return [conjunction(query)]
  return $or.filter(isDocument).map((branch) => [...conjunction(rest), ...conjunction(branch)])
}

function conjunction(query: Document): readonly Document[] {
  const { $and, ...rest } = query
  if (!Array.isArray($and)) return [query]
  return [rest, ...$and.filter(isDocument).flatMap(conjunction)]
}

const NO_CONSTRAINT: Constraint = { equal: null, from: undefined, to: undefined }

function constraintsOf(conditions: readonly Document[]): Constraints {
  const constraints = new Map<string, Constraint>()
  for (const condition of conditions) {
    for (const [name, value] of Object.entries(condition)) {
      // What is said inside $or, $nor and $expr pins nothing, but its fields must be in the index too.
      const fields = name.startsWith('$') ? fieldsIn(value) : [name]
      for (const field of fields) {
        const before = constraints.get(field) ?? NO_CONSTRAINT
        constraints.set(field, name.startsWith('$') ? before : narrow(before, value))
      }
    }
  }
  return constraints
}

function fieldsIn(value: Value): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsIn)
  if (!isDocument(value)) return []
  return Object.entries(value).flatMap(([name, member]) => (name.startsWith('$') ? fieldsIn(member) : [name]))
}

function narrow(before: Constraint, value: Value): Constraint {
  if (!isOperators(value)) return isPinnable(value) ? { ...before, equal: before.equal ?? [value] } : before
  let { equal, from, to } = before
  for (const [operator, operand] of Object.entries(value)) {
    if (operator === '$eq' && isPinnable(operand)) equal ??= [operand]
    if (operator === '$in' && Array.isArray(operand) && operand.every(isPinnable)) equal ??= operand
    if ((operator === '$gt' || operator === '$gte') && isPinnable(operand)) from ??= operand
    if ((operator === '$lt' || operator === '$lte') && isPinnable(operand)) to ??= operand
  }
  return { equal, from, to }
}

// A list or an object can equal a field in more ways than an index entry tells.
function isPinnable(value: Value): boolean {
  return !Array.isArray(value) && !isDocument(value) && !(value instanceof RegExp)
}

function planBranch(
  constraints: Constraints,
  sort: readonly SortField[],
  indexes: readonly SortedIndex[],
): { readonly source: Source; readonly missing: string | null } {
  const ids = constraints.get('_id')?.equal
  if (ids !== undefined && ids !== null) {
    const keys = ids.filter((id) => typeof id === 'string' || typeof id === 'number').map(keyOf)
    return { source: { kind: 'keys', keys }, missing: null }
  }
  const order = sort.filter(({ name }) => constraints.get(name)?.equal?.length !== 1)
  const serving = indexes.find((index) => serves(index, constraints, order))
  const best = serving ?? indexes.toSorted((a, b) => pinned(b, constraints) - pinned(a, constraints))[0]
  const ranges = best === undefined ? null : rangesOf(best, constraints)
  const source: Source =
    best !== undefined && ranges !== null ? { kind: 'index', index: best, ranges } : { kind: 'all' }
  const needsNone = constraints.size === 0 && order.length === 0
  return { source, missing: serving !== undefined || needsNone ? null : wanted(constraints, order) }
}

function serves(index: SortedIndex, constraints: Constraints, order: readonly SortField[]): boolean {
  const needed = new Set([...constraints.keys(), ...order.map(({ name }) => name)])
  if (needed.size === 0) return false
  const head = index.fields.slice(0, needed.size)
  if (head.length < needed.size || !head.every(({ name }) => needed.has(name))) return false
  const open = head.filter(
    ({ name }) => (constraints.get(name)?.equal ?? null) === null || inOrder(name, order),
  )
  const turns = new Set(order.map((field, i) => field.direction * (open[i]?.direction ?? 0)))
  return order.every((field, i) => open[i]?.name === field.name) && turns.size <= 1
}

function inOrder(name: string, order: readonly SortField[]): boolean {
  return order.some((field) => field.name === name)
}

function pinned(index: SortedIndex, constraints: Constraints): number {
  const open = index.fields.findIndex(({ name }) => (constraints.get(name)?.equal ?? null) === null)
  return open === -1 ? index.fields.length : open
}

/** The stretches of the index that hold every match, or null when that is all of it. */
function rangesOf(index: SortedIndex, constraints: Constraints): readonly IndexRange[] | null {
  let prefixes: readonly (readonly Value[])[] = [[]]
  for (const { name } of index.fields.slice(0, pinned(index, constraints))) {
    const values = constraints.get(name)?.equal ?? []
    if (prefixes.length * values.length > MAX_RANGES) break
    prefixes = prefixes.flatMap((prefix) => values.map((value) => [...prefix, value]))
  }
  const next = constraints.get(index.fields[prefixes[0]?.length ?? 0]?.name ?? '')
  const from = next?.from
  // Of a list, one item may be above the lower end and another below the upper: only one end can be used.
  const to = index.multikey && from !== undefined ? undefined : next?.to
  if (prefixes.length === 1 && prefixes[0]?.length === 0 && from === undefined && to === undefined)
    return null
  return prefixes.map((equal) => ({
    equal,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }))
}

function wanted(constraints: Constraints, order: readonly SortField[]): string {
  const equal = [...constraints].filter(([, { equal }]) => equal !== null).map(([name]) => name)
  const ordered = order.filter(({ name }) => !equal.includes(name))
  const ranges = [...constraints.keys()].filter((name) => !equal.includes(name) && !inOrder(name, ordered))
  const fields = [
    ...equal.map((name) => `${name} 1`),
    ...ordered.map(({ name, direction }) => `${name} ${direction}`),
    ...ranges.map((name) => `${name} 1`),
  ]
  return `{ ${fields.join(', ')} }`
}
