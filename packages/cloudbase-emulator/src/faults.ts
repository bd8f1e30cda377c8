/**
 * @module What can be made to go wrong, for which request, and how often.
 */
import { createHash, randomBytes } from 'node:crypto'

export const FAULT_KINDS = ['error', 'drop-before', 'drop-after', 'latency'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface FaultMatch {
  /** As in `database.modifyDocument`; a trailing `*` matches any ending. Files come as storage.put and storage.get. */
  readonly action?: string
  readonly collection?: string
}

export interface FaultOptions {
  /**
   * error: answered with `code` and `message`, nothing done. drop-before: the connection ends, nothing done. drop-after:
   * the connection ends, but it is done. latency: done and answered `ms` late.
   */
  readonly fault: FaultKind
  readonly match?: FaultMatch
  /** How often it strikes; once by default, with a rate until it is removed. */
  readonly times?: number
  /** Chance of striking each time it matches, 0..1. */
  readonly rate?: number
  /** The same seed gives the same series. */
  readonly seed?: string
  readonly code?: string
  readonly message?: string
  readonly ms?: number
}

export interface Fault {
  readonly id: string
  readonly fault: FaultKind
  readonly match: FaultMatch
  /** How often it still strikes; null = until it is removed. */
  readonly times: number | null
  readonly rate: number
  readonly seed: string
  readonly code: string
  readonly message: string
  readonly ms: number
  readonly matched: number
  readonly struck: number
}

export interface Faults {
  /** @throws FaultError when it makes no sense. @returns its id. */
  add(options: FaultOptions): string
  remove(id: string): boolean
  clear(): void
  list(): readonly Fault[]
}

/** A fault that makes no sense; the message names the member. */
export class FaultError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FaultError'
  }
}

const MAX_FAULTS = 1_000
const MAX_MS = 600_000

export class FaultBook implements Faults {
  readonly #faults = new Map<string, Fault>()

  add(options: FaultOptions): string {
    if (this.#faults.size >= MAX_FAULTS) throw new FaultError(`there are ${MAX_FAULTS} faults already`)
    const fault = read(options)
    this.#faults.set(fault.id, fault)
    return fault.id
  }

  remove(id: string): boolean {
    return this.#faults.delete(id)
  }

  clear(): void {
    this.#faults.clear()
  }

  list(): readonly Fault[] {
    return [...this.#faults.values()]
  }

  /** The first fault that matches and strikes now. */
  take(action: string, collection: string | undefined): Fault | undefined {
    for (const fault of this.#faults.values()) {
      if (!matches(fault.match, action, collection)) continue
      const strikes = chance(fault.seed, fault.matched) < fault.rate
      const times = strikes && fault.times !== null ? fault.times - 1 : fault.times
      if (times === 0) this.#faults.delete(fault.id)
      else {
        const struck = fault.struck + Number(strikes)
        this.#faults.set(fault.id, { ...fault, times, matched: fault.matched + 1, struck })
      }
      if (strikes) return fault
    }
    return undefined
  }
}

function read(options: FaultOptions): Fault {
  const {
    fault,
    match = {},
    rate,
    seed = '0',
    code = 'SYS_ERR',
    message = 'system error',
    ms = 1_000,
  } = options
  const known = ['fault', 'match', 'times', 'rate', 'seed', 'code', 'message', 'ms']
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new FaultError(`${unknown} is no member of a fault; known are ${known.join(', ')}`)
  if (!FAULT_KINDS.includes(fault)) throw new FaultError(`fault must be one of ${FAULT_KINDS.join(', ')}`)
  const wrong = Object.entries(match).find(
    ([name, value]) => !['action', 'collection'].includes(name) || typeof value !== 'string',
  )
  if (wrong !== undefined) throw new FaultError('match must be an object of action and collection, both text')
  const { times = rate === undefined ? 1 : null } = options
  if (times !== null && !isWhole(times, 1, 1_000_000))
    throw new FaultError('times must be a whole number from 1')
  if (rate !== undefined && !(rate >= 0 && rate <= 1))
    throw new FaultError('rate must be a number from 0 to 1')
  if (!isWhole(ms, 0, MAX_MS)) throw new FaultError(`ms must be a whole number up to ${MAX_MS}`)
  for (const [name, value] of Object.entries({ seed, code, message })) {
    if (typeof value !== 'string' || value === '') throw new FaultError(`${name} must be a nonempty text`)
  }
  const id = `fault-${randomBytes(6).toString('hex')}`
  return { id, fault, match, times, rate: rate ?? 1, seed, code, message, ms, matched: 0, struck: 0 }
}

function matches(match: FaultMatch, action: string, collection: string | undefined): boolean {
  if (match.collection !== undefined && match.collection !== collection) return false
  if (match.action === undefined) return true
  return match.action.endsWith('*') ? action.startsWith(match.action.slice(0, -1)) : action === match.action
}

function chance(seed: string, draw: number): number {
  return createHash('sha256').update(`${seed}:${draw}`).digest().readUInt32BE(0) / 2 ** 32
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}
