/** @module What an environment lacks of the store's collections and indexes, and making it. */
import { COLLECTIONS, INDEXES, type IndexField } from '../collections.ts'
import { isRecord, member, type TencentApi, TencentApiError } from './tencent-api.ts'

export type Step =
  | { readonly kind: 'collection'; readonly collection: string }
  /** A new collection may be written to from any phone (`wx.cloud.database()`). */
  | { readonly kind: 'close'; readonly collection: string }
  | {
      readonly kind: 'index'
      readonly collection: string
      readonly name: string
      readonly fields: readonly IndexField[]
      readonly unique: boolean
    }

/** What is there: of each collection who may use it, and its indexes with their fields, as `a 1, b -1`. */
export type Present = ReadonlyMap<
  string,
  { readonly access: string; readonly indexes: ReadonlyMap<string, string> }
>

/** An index of ours is there under its name with other fields: nothing is dropped unasked. */
export class IndexDiffersError extends Error {
  override readonly name = 'IndexDiffersError'
}

export const NOTHING: Present = new Map()

/** https://cloud.tencent.com/document/api/876/34819, checked 2026-11. */
const ADMINISTRATORS_ONLY = 'ADMINONLY'

/** @throws IndexDiffersError */
export const stepsFor = (prefix: string, present: Present): Step[] =>
  COLLECTIONS.flatMap((name): Step[] => {
    const collection = `${prefix}${name}`
    const there = present.get(collection)
    const missing = INDEXES.filter((index) => index.collection === name).filter((index) => {
      const fields = there?.indexes.get(index.name)
      if (fields !== undefined && fields !== wordsOf(index.fields))
        throw new IndexDiffersError(
          `${collection} has an index ${index.name} on ${fields}, and the store needs it on ${wordsOf(index.fields)}: drop it in the console and run this again`,
        )
      return fields === undefined
    })
    return [
      ...(there === undefined ? [{ kind: 'collection', collection } as const] : []),
      ...(there?.access === ADMINISTRATORS_ONLY ? [] : [{ kind: 'close', collection } as const]),
      ...missing.map(({ name: indexName, fields, unique }) => ({
        kind: 'index' as const,
        collection,
        name: indexName,
        fields,
        unique,
      })),
    ]
  })

const wordsOf = (fields: readonly IndexField[]): string =>
  fields.map(({ name, direction }) => `${name} ${direction}`).join(', ')

export const wordsOfStep = (step: Step): string => {
  if (step.kind === 'collection') return `collection ${step.collection}`
  if (step.kind === 'close') return `access to ${step.collection} for administrators only (仅管理员可读写)`
  return `index ${step.name} of ${step.collection} on ${wordsOf(step.fields)}${step.unique ? ', unique' : ''}`
}

export interface Environment {
  look(prefix: string): Promise<Present>
  make(step: Step): Promise<void>
}

/** A collection that was just made may not be ready for more. */
const READY_AFTER_MS = [1_000, 3_000, 10_000]

/** @throws TencentApiError */
export const openEnvironment = async (
  api: TencentApi,
  env: string,
  sleep: (ms: number) => Promise<void>,
): Promise<Environment> => {
  const { EnvList } = await api.call('DescribeEnvs', { EnvId: env })
  const found = Array.isArray(EnvList) ? EnvList.find((each) => member(each, 'EnvId') === env) : undefined
  const databases = member(found, 'Databases')
  const DatabaseName = Array.isArray(databases) ? member(databases[0], 'InstanceId') : undefined
  if (typeof DatabaseName !== 'string')
    throw new TencentApiError('DescribeEnvs', 'NoDatabase', `environment ${env} has no document database`)
  const of = (collection: string) => ({
    EnvId: env,
    MongoConnector: { DatabaseName, InstanceId: 'flexdb' },
    TableName: collection,
  })
  const whenReady = async (work: () => Promise<unknown>): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        await work()
        return
      } catch (error) {
        const wait = READY_AFTER_MS[tries]
        const notYet =
          error instanceof TencentApiError && (error.saysMissing || error.code.includes('Unavailable'))
        if (wait === undefined || !notYet) throw error
        await sleep(wait)
      }
    }
  }
  return {
    async look(prefix) {
      const present = new Map<string, { access: string; indexes: ReadonlyMap<string, string> }>()
      for (const name of COLLECTIONS) {
        const collection = `${prefix}${name}`
        try {
          const indexes = indexesOf(await api.call('DescribeTable', of(collection)))
          const { AclTag } = await api.call('DescribeDatabaseACL', {
            EnvId: env,
            CollectionName: collection,
          })
          present.set(collection, { access: String(AclTag), indexes })
        } catch (error) {
          if (!(error instanceof TencentApiError && error.saysMissing)) throw error
        }
      }
      return present
    },

    async make(step) {
      if (step.kind === 'collection') {
        await api.call('CreateTable', of(step.collection))
        return
      }
      if (step.kind === 'close') {
        const of = { EnvId: env, CollectionName: step.collection, AclTag: ADMINISTRATORS_ONLY }
        await whenReady(() => api.call('ModifyDatabaseACL', of))
        return
      }
      const CreateIndexes = [
        {
          IndexName: step.name,
          MgoKeySchema: {
            MgoIndexKeys: step.fields.map(({ name, direction }) => ({
              Name: name,
              Direction: String(direction),
            })),
            MgoIsUnique: step.unique,
          },
        },
      ]
      await whenReady(() => api.call('UpdateTable', { ...of(step.collection), CreateIndexes }))
    },
  }
}

const indexesOf = (described: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> => {
  const indexes = Array.isArray(described.Indexes) ? described.Indexes.filter(isRecord) : []
  return new Map(
    indexes.map(({ Name, Keys }) => [
      String(Name),
      (Array.isArray(Keys) ? Keys.filter(isRecord) : [])
        .map((key) => `${String(key.Name)} ${String(key.Direction)}`)
        .join(', '),
    ]),
  )
}
