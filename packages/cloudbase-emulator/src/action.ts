/**
 * @module What an action is given and what it gives back. A request's members are read one by one; at the end, whatever was
 * not read is an error by name.
 */
import { cloudErrors } from './cloud-error.ts'
import { type Document, parseDocument } from './database/values.ts'

export type Answer = Readonly<Record<string, unknown>>

/** Bytes in place of JSON: what the SDK expects of wx.openApi when it went well. */
export class RawAnswer {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

export type Action = (request: ActionRequest) => Answer | RawAnswer | Promise<Answer | RawAnswer>

/** What the SDK sends with everything: who and where, never what. */
const ENVELOPE: readonly string[] = [
  ...['action', 'envName', 'wxCloudApiToken', 'wxCloudbaseAccesstoken', 'tcb_sessionToken', 'sessionToken'],
  ...['crossAuthorizationToken', 'instance', 'database'],
]

export class ActionRequest {
  readonly action: string
  readonly #members: Readonly<Record<string, unknown>>
  readonly #now: number
  readonly #unread: Set<string>

  constructor(members: Readonly<Record<string, unknown>>, now: number) {
    this.action = typeof members.action === 'string' ? members.action : ''
    this.#members = members
    this.#now = now
    this.#unread = new Set(Object.keys(members).filter((name) => !ENVELOPE.includes(name)))
  }

  /** @throws CloudError that names a member nobody asked for. */
  assertAllRead(): void {
    const [member] = this.#unread
    if (member !== undefined) throw cloudErrors.notEmulated(`the member ${member} of ${this.action}`)
  }

  get(name: string): unknown {
    this.#unread.delete(name)
    return this.#members[name]
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value !== 'string' || value === '')
      throw cloudErrors.invalid(`${name} must be a nonempty string`)
    return value
  }

  optionalText(name: string): string | undefined {
    return this.get(name) === undefined ? undefined : this.text(name)
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback
    if (typeof value !== 'boolean') throw cloudErrors.invalid(`${name} must be true or false`)
    return value
  }

  whole(name: string, fallback: number, min: number, max: number): number {
    const value = this.get(name) ?? fallback
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw cloudErrors.invalid(`${name} must be a whole number from ${min} to ${max}`)
    }
    return value
  }

  list(name: string, max: number): readonly unknown[] {
    const value = this.get(name)
    if (!Array.isArray(value) || value.length === 0 || value.length > max) {
      throw cloudErrors.invalid(`${name} must be a list of 1 to ${max}`)
    }
    return value
  }

  document(name: string): Document {
    return parseDocument(this.get(name), this.#now, name)
  }

  optionalDocument(name: string): Document | undefined {
    return this.get(name) === undefined ? undefined : this.document(name)
  }

  /** The query; none at all, or the empty text the SDK sends without a where(), is every document. */
  query(): Document {
    const value = this.get('query')
    return value === undefined || value === '' ? {} : this.document('query')
  }
}
