/**
 * @module The update operators the SDK sends, applied to one document as MongoDB does it, refusals included.
 */
import { cloudErrors } from '../cloud-error.ts'
import { isPosition, memberOf } from './paths.ts'
import { compileItemCondition, isOperators } from './query.ts'
import { compareValues, copyOf, type Document, isDocument, type Value } from './values.ts'

/** What a field becomes, from what it is; undefined: missing. */
type Change = (present: Value | undefined, operand: Value, where: Where) => Value | undefined

/** For messages: which field of which document. */
interface Where {
  readonly path: string
  readonly id: string
}

interface Operator {
  /** Whether it can be given this. */
  readonly accepts: (operand: Value) => boolean
  /** Whether it makes the field, and the objects around it, when they are not there. */
  readonly makes: boolean
  readonly change: Change
}

const PUSH_MODIFIERS: readonly string[] = ['$each', '$position', '$slice', '$sort']
const MAX_GAP = 10_000

const OPERATORS: Readonly<Record<string, Operator>> = {
  $set: { accepts: () => true, makes: true, change: (_, operand) => operand },
  $unset: { accepts: () => true, makes: false, change: () => undefined },
  $inc: {
    accepts: isNumber,
    makes: true,
    change: (present, operand, where) => numberAt('$inc', present, where, 0) + Number(operand),
  },
  $mul: {
    accepts: isNumber,
    makes: true,
    change: (present, operand, where) => numberAt('$mul', present, where, 0) * Number(operand),
  },
  $min: {
    accepts: () => true,
    makes: true,
    change: (present, operand) =>
      present === undefined || compareValues(operand, present) < 0 ? operand : present,
  },
  $max: {
    accepts: () => true,
    makes: true,
    change: (present, operand) =>
      present === undefined || compareValues(operand, present) > 0 ? operand : present,
  },
  $push: {
    accepts: (operand) => !isOperators(operand) || isPush(operand),
    makes: true,
    change: (present, operand, where) => pushed(listAt(present, where) ?? [], operand),
  },
  $addToSet: {
    accepts: (operand) => !isOperators(operand) || Array.isArray(operand.$each),
    makes: true,
    change(present, operand, where) {
      const list = [...(listAt(present, where) ?? [])]
      const items = isOperators(operand) && Array.isArray(operand.$each) ? operand.$each : [operand]
      for (const item of items) if (!list.some((other) => compareValues(other, item) === 0)) list.push(item)
      return list
    },
  },
  $pop: {
    accepts: (operand) => operand === 1 || operand === -1,
    makes: false,
    change: (present, operand, where) =>
      operand === 1 ? listAt(present, where)?.slice(0, -1) : listAt(present, where)?.slice(1),
  },
  $pull: {
    accepts: () => true,
    makes: false,
    change(present, operand, where) {
      const matches = compileItemCondition(operand, where.path)
      return listAt(present, where)?.filter((item) => !matches(item))
    },
  },
  $pullAll: {
    accepts: Array.isArray,
    makes: false,
    change: (present, operand, where) =>
      listAt(present, where)?.filter(
        (item) => !(Array.isArray(operand) && operand.some((other) => compareValues(other, item) === 0)),
      ),
  },
}

/** @throws CloudError that names an operator, a modifier or an operand that is not emulated. */
export function assertUpdate(operations: Document): void {
  const paths: string[] = []
  for (const [name, fields] of Object.entries(operations)) {
    if (name !== '$rename' && !Object.hasOwn(OPERATORS, name)) {
      throw name.startsWith('$')
        ? cloudErrors.notEmulated(`the update operator ${name}`)
        : cloudErrors.invalid(`the update mixes the field ${name} with operators`)
    }
    if (!isDocument(fields) || Object.keys(fields).length === 0) {
      throw cloudErrors.failedOperation(
        `'${name}' is empty. You must specify a field like so: {${name}: {<field>: ...}}`,
      )
    }
    for (const [path, operand] of Object.entries(fields)) {
      paths.push(path)
      if (name === '$rename') {
        if (typeof operand !== 'string') throw refused(name, path, operand)
        paths.push(operand)
      } else assertOperand(name, path, operand)
    }
  }
  if (paths.length === 0) throw cloudErrors.invalid('the update is empty')
  for (const path of paths) assertPath(path)
  assertApart(paths)
}

function assertOperand(name: string, path: string, operand: Value): void {
  const modifiers = name === '$push' ? PUSH_MODIFIERS : name === '$addToSet' ? ['$each'] : null
  if (modifiers !== null && isOperators(operand)) {
    const unknown = Object.keys(operand).find((modifier) => !modifiers.includes(modifier))
    if (unknown !== undefined) throw cloudErrors.notEmulated(`the modifier ${unknown} of ${name}`)
  }
  if (!(OPERATORS[name]?.accepts(operand) ?? false)) throw refused(name, path, operand)
  if (name === '$pull') compileItemCondition(operand, path)
}

function assertPath(path: string): void {
  const segments = path.split('.')
  if (segments[0] === '_id') throw cloudErrors.invalid("_id can't be changed")
  if (segments.some((segment) => segment === '' || segment.startsWith('$') || segment === '__proto__')) {
    throw cloudErrors.notEmulated(`the update path ${path}`)
  }
}

function assertApart(paths: readonly string[]): void {
  for (const [i, path] of paths.entries()) {
    const other = paths.find((candidate, j) => j !== i && `${candidate}.`.startsWith(`${path}.`))
    if (other !== undefined) {
      throw cloudErrors.failedOperation(`Updating the path '${other}' would create a conflict at '${path}'`)
    }
  }
}

/** The document after the update; the very same object when nothing changed. */
export function applyUpdate(document: Document, operations: Document): Document {
  const draft = copyOf(document)
  const id = JSON.stringify(document._id)
  for (const [name, fields] of Object.entries(operations)) {
    for (const [path, operand] of isDocument(fields) ? Object.entries(fields) : []) {
      const operator = OPERATORS[name]
      if (operator === undefined) rename(draft, path, String(operand))
      else changeAt(draft, path, operator.makes, (present) => operator.change(present, operand, { path, id }))
    }
  }
  // Operands are in it now, and may be those of other documents too: nobody writes into a stored document.
  return compareValues(draft, document) === 0 ? document : draft
}

function rename(draft: Record<string, Value>, from: string, to: string): void {
  const moved = exactlyAt(draft, from)
  if (moved === undefined) return
  changeAt(draft, from, false, () => undefined)
  changeAt(draft, to, true, () => moved)
}

/** Replaces what is at a path: the parts of a draft are its own, so they are written into. */
function changeAt(
  draft: Record<string, Value>,
  path: string,
  makes: boolean,
  change: (present: Value | undefined) => Value | undefined,
): void {
  const segments = path.split('.')
  const last = segments.pop() ?? ''
  let parent: Record<string, Value> | Value[] = draft
  for (const [depth, name] of segments.entries()) {
    let next = childOf(parent, name)
    if (next === undefined && makes) {
      next = {}
      putIn(parent, name, next, segments[depth - 1] ?? '')
    }
    if (!isContainer(next)) {
      if (!makes || next === undefined) return
      throw cannotCreate(segments[depth + 1] ?? last, name, next)
    }
    parent = next
  }
  const present = childOf(parent, last)
  if (present === undefined && !makes) return
  if (Array.isArray(parent) && !isPosition(last) && makes) {
    throw cannotCreate(last, segments.at(-1) ?? '', parent)
  }
  const next = change(present)
  if (next !== undefined) putIn(parent, last, next, segments.at(-1) ?? '')
  else if (Array.isArray(parent)) parent[Number(last)] = null
  else delete parent[last]
}

function isContainer(value: Value | undefined): value is Record<string, Value> | Value[] {
  return Array.isArray(value) || isDocument(value)
}

function childOf(parent: Document | readonly Value[], name: string): Value | undefined {
  if (!Array.isArray(parent)) return memberOf(parent as Document, name)
  return isPosition(name) ? parent[Number(name)] : undefined
}

function putIn(parent: Record<string, Value> | Value[], name: string, value: Value, around: string): void {
  if (!Array.isArray(parent)) {
    parent[name] = value
    return
  }
  if (!isPosition(name)) throw cannotCreate(name, around, parent)
  const position = Number(name)
  if (position > parent.length + MAX_GAP) throw cloudErrors.notEmulated(`filling a list up to ${position}`)
  while (parent.length < position) parent.push(null)
  parent[position] = value
}

function cannotCreate(name: string, around: string, value: Value): Error {
  return cloudErrors.failedOperation(
    `Cannot create field '${name}' in element {${around}: ${JSON.stringify(value)}}`,
  )
}

function isPush(operand: Document): boolean {
  const { $each, $position = 0, $slice = 0, $sort = 1 } = operand
  const isDirection = (value: Value): boolean => value === 1 || value === -1
  const isSort = isDirection($sort) || (isDocument($sort) && Object.values($sort).every(isDirection))
  return Array.isArray($each) && Number.isInteger($position) && Number.isInteger($slice) && isSort
}

function pushed(present: readonly Value[], operand: Value): Value {
  if (!isOperators(operand)) return [...present, operand]
  const { $each, $position, $slice, $sort } = operand
  const list = [...present]
  list.splice(
    typeof $position === 'number' ? $position : list.length,
    0,
    ...(Array.isArray($each) ? $each : []),
  )
  if (isDocument($sort)) {
    const fields = Object.entries($sort)
    list.sort((a, b) => {
      for (const [path, direction] of fields) {
        const order = compareValues(exactlyAt(a, path), exactlyAt(b, path)) * Number(direction)
        if (order !== 0) return order
      }
      return 0
    })
  } else if ($sort !== undefined) list.sort((a, b) => compareValues(a, b) * Number($sort))
  if (typeof $slice !== 'number') return list
  return $slice < 0 ? list.slice($slice) : list.slice(0, $slice)
}

function exactlyAt(value: Value, path: string): Value | undefined {
  let found: Value | undefined = value
  for (const name of path.split('.')) found = isContainer(found) ? childOf(found, name) : undefined
  return found
}

function numberAt(
  operator: string,
  present: Value | undefined,
  { path, id }: Where,
  missing: number,
): number {
  if (present === undefined) return missing
  if (typeof present === 'number') return present
  throw cloudErrors.failedOperation(
    `Cannot apply ${operator} to a value of non-numeric type. {_id: ${id}} has the field '${path}' of non-numeric type`,
  )
}

function listAt(present: Value | undefined, { path, id }: Where): readonly Value[] | undefined {
  if (present === undefined || Array.isArray(present)) return present
  throw cloudErrors.failedOperation(
    `The field '${path}' must be an array but is of type ${typeof present} in document {_id: ${id}}`,
  )
}

function refused(operator: string, path: string, operand: Value): Error {
  return cloudErrors.invalid(`${operator} of ${path} can't be given ${JSON.stringify(operand)}`)
}

function isNumber(value: Value): boolean {
  return typeof value === 'number'
}
