/** @module Staff, who are one document together, and sessions. */
import type { Clock, Role, SessionStore, StaffMember, StaffStore } from '@yuanlu/shop'
import type { Database, Stored } from './documents.ts'
import { StoreUnavailableError } from './failure.ts'

/** Everybody in one document: that an owner remains is then a matter of one compare-and-swap. */
interface StaffDocument extends Stored {
  readonly version: number
  /** `[openid, role]` pairs. */
  readonly body: string
}

type Members = ReadonlyMap<string, Role>

const EVERYBODY = 'everybody'
/** People change roles by hand: whoever loses this often in a row met something else. */
const ROUNDS = 20
const WAIT_MS = 10

export const cloudbaseStaff = (database: Database): StaffStore => {
  const staff = database.collection<StaffDocument>('staff')

  const read = async (): Promise<{ readonly version: number; readonly members: Members }> => {
    const document = await staff.find(EVERYBODY)
    return document === null
      ? { version: 0, members: new Map() }
      : { version: document.version, members: new Map(JSON.parse(document.body)) }
  }

  /** Reads, decides and swaps, again whenever somebody else was faster. */
  const change = async <T>(decide: (members: Members) => { next: Members; answer: T }): Promise<T> => {
    for (let round = 0; round < ROUNDS; round++) {
      const { version, members } = await read()
      const { next, answer } = decide(members)
      if (next === members) return answer
      const body = JSON.stringify([...next])
      const written =
        version === 0
          ? await staff.insert({ _id: EVERYBODY, version: 1, body })
          : await staff.swap(EVERYBODY, { expected: { version }, change: { version: version + 1, body } })
      if (written) return answer
      await database.pause(WAIT_MS * (round + 1))
    }
    throw new StoreUnavailableError('somebody else keeps changing the staff: try again', {
      code: null,
      cause: null,
    })
  }

  return {
    roleOf: async (openid) => (await read()).members.get(openid) ?? null,

    async ensureOwners(openids) {
      if (openids.length === 0) return
      await change((members) => {
        const missing = openids.filter((openid) => !members.has(openid))
        const owners = missing.map((openid) => [openid, 'owner'] as const)
        return { next: missing.length === 0 ? members : new Map([...members, ...owners]), answer: null }
      })
    },

    async list() {
      const { members } = await read()
      return [...members]
        .map(([openid, role]): StaffMember => ({ openid, role }))
        .sort((a, b) => (a.openid < b.openid ? -1 : 1))
    },

    setRole({ openid, role }) {
      return change<'done' | 'lastOwner'>((members) => {
        const others = [...members].filter(([other, held]) => held === 'owner' && other !== openid)
        const leavesNone = members.get(openid) === 'owner' && role !== 'owner' && others.length === 0
        if (leavesNone) return { next: members, answer: 'lastOwner' }
        if ((members.get(openid) ?? null) === role) return { next: members, answer: 'done' }
        const next = new Map(members)
        if (role === null) next.delete(openid)
        else next.set(openid, role)
        return { next, answer: 'done' }
      })
    },
  }
}

interface SessionDocument extends Stored {
  readonly openid: string
  readonly expiresAt: number
}

/** Ended sessions are kept this long, so that a process whose clock is behind still finds its own. */
const KEEP_EXPIRED_MS = 24 * 3_600_000
/** Each new session clears away up to this many old ones: the collection stays as large as its living part. */
const CLEAR_AT_ONCE = 10

export const cloudbaseSessions = (database: Database, now: Clock): SessionStore => {
  const sessions = database.collection<SessionDocument>('sessions')
  const { command } = database

  const clearExpired = async (): Promise<void> => {
    const old = await sessions.readPart(
      {
        where: { expiresAt: command.lt(now() - KEEP_EXPIRED_MS) },
        order: [['expiresAt', 'asc']],
        limit: CLEAR_AT_ONCE,
      },
      ['_id'],
    )
    // By id, because the SDK's `remove` takes no notice of a limit.
    if (old.length > 0) await sessions.remove({ _id: command.in(old.map(({ _id }) => _id)) })
  }

  return {
    async insert({ id, openid, expiresAt }) {
      await sessions.insert({ _id: id, openid, expiresAt })
      try {
        await clearExpired()
      } catch (error) {
        // The session is there; the old ones can wait for the next.
        if (!(error instanceof StoreUnavailableError)) throw error
      }
    },

    async find(id) {
      const session = await sessions.find(id)
      return session === null ? null : { id, openid: session.openid, expiresAt: session.expiresAt }
    },

    async end(id) {
      await sessions.remove({ _id: id })
    },
  }
}
