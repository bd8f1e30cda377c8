/** @module Whether there is anything in the store's collections, and taking all of it away. For trials only. */
import { COLLECTIONS, type CollectionName } from '../collections.ts'
import { type Database, openDocuments, type Stored } from '../documents.ts'
import { CloudbaseSetupError } from '../failure.ts'
import { type CloudOptions, openCloud } from '../sdk.ts'

const SILENT = { info() {}, warn() {}, error() {} }
/** As many files as the storage deletes in one call. */
const AT_ONCE = 50

export const openForTrial = async (cloud: CloudOptions, prefix: string): Promise<Database> =>
  openDocuments({
    cloud: await openCloud(cloud),
    prefix,
    maxAtOnce: 8,
    maxDocumentBytes: Number.MAX_SAFE_INTEGER,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    log: SILENT,
  })

/** Documents in all collections together. */
export const countAll = async (database: Database): Promise<number> => {
  let total = 0
  for (const name of COLLECTIONS)
    await whereThere(async () => {
      total += await database.collection(name).count({})
    })
  return total
}

/** Every document and, before its document, every file. */
export const emptyAll = async (database: Database): Promise<void> => {
  for (const name of COLLECTIONS) await whereThere(() => emptyCollection(database, name))
}

const emptyCollection = async (database: Database, name: CollectionName): Promise<void> => {
  const documents = database.collection<Stored & { readonly fileId?: string | null }>(name)
  for (;;) {
    const found = await documents.read({ where: {}, limit: AT_ONCE })
    if (found.length === 0) return
    const fileList = found.flatMap(({ fileId }) => (typeof fileId === 'string' ? [fileId] : []))
    if (fileList.length > 0)
      await database.call('files.delete', () => database.cloud.storage.deleteFile({ fileList }))
    await documents.remove({ _id: database.command.in(found.map(({ _id }) => _id)) })
  }
}

/** A collection that is not there is an empty one. */
const whereThere = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof CloudbaseSetupError)) throw error
  }
}
