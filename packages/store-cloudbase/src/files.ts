/**
 * @module Uploaded pictures: bytes in the cloud's storage, and what is known of them in a document.
 *
 * The document is there before the bytes and goes after them, so bytes without a document cannot be: whatever breaks
 * off in between is found by its document and cleared away like any picture that no refund shows.
 */
import { randomUUID } from 'node:crypto'
import type { FileStore, PictureType } from '@yuanlu/shop'
import type { Database, Stored } from './documents.ts'
import { StoreUnavailableError } from './failure.ts'
import { indexWhatIsLeft, type RefundRowDocument } from './rows.ts'

interface FileDocument extends Stored {
  readonly ownerOpenid: string
  readonly type: PictureType
  /** Where the bytes are, under a name that nobody guesses. */
  readonly path: string
  /** The storage's own id (文件 ID), known once the bytes are there. */
  readonly fileId: string | null
  readonly state: 'uploading' | 'kept' | 'clearing'
  /** True until a refund is known to show it. */
  readonly loose: boolean
  readonly touchedAt: number
}

const FOLDER = 'yuanlu-pictures'
const MAX_BYTES = 2 * 1024 * 1024
const MAX_PAGE = 200
/** The SDK's own uploads and downloads wait for ever. */
const TRANSFER_TIMEOUT_MS = 20_000
/** deleteFile's status of what is not there. */
const STORAGE_FILE_NONEXIST = -503003

export const cloudbaseFiles = (database: Database): FileStore => {
  const files = database.collection<FileDocument>('files')
  const { command } = database
  const { storage } = database.cloud

  const upload = (path: string, bytes: Uint8Array): Promise<string> =>
    database.call('files.upload', async () => {
      const { fileID } = await within(
        storage.uploadFile({ cloudPath: path, fileContent: Buffer.from(bytes) }),
      )
      return fileID
    })

  const deleteBytes = async ({ path, fileId }: FileDocument): Promise<boolean> => {
    // An upload that broke off may have left its bytes without telling their id. Writing there again tells it.
    const id = fileId ?? (await upload(path, Uint8Array.of(0)))
    const { fileList } = await database.call('files.delete', () =>
      within(storage.deleteFile({ fileList: [id] })),
    )
    const status = fileList[0]?.status
    if (status === 0 || status === STORAGE_FILE_NONEXIST) return true
    database.log.warn('store.fileNotDeleted', { path, status })
    return false
  }

  /** True when this call cleared it away. What breaks off here is gone on with by the next call. */
  const clear = async (file: FileDocument): Promise<boolean> => {
    if (await isShown(database, file._id)) {
      await files.change({ _id: file._id, loose: true }, { loose: false })
      return false
    }
    const { state, touchedAt } = file
    const mine = await files.swap(file._id, { expected: { state, touchedAt }, change: { state: 'clearing' } })
    // Somebody else's that broke off is gone on with.
    if (!(mine || state === 'clearing') || !(await deleteBytes(file))) return false
    return (await files.remove({ _id: file._id, state: 'clearing' })) > 0 || mine
  }

  return {
    async put({ file, at, maxLoose }) {
      const { id, ownerOpenid, type, bytes } = file
      if (bytes.byteLength > MAX_BYTES)
        throw new RangeError(`a picture of ${bytes.byteLength} bytes is too large`)
      const seen = await files.find(id)
      if (seen === null && (await files.count({ ownerOpenid, loose: true })) >= maxLoose) return false
      const path = seen?.path ?? `${FOLDER}/${randomUUID()}`
      const inserted =
        seen === null &&
        (await files.insert({
          _id: id,
          ownerOpenid,
          type,
          path,
          fileId: null,
          state: 'uploading',
          loose: true,
          touchedAt: at,
        }))
      // Its own document, when the answer to an earlier try was lost.
      const own = inserted ? null : (seen ?? (await files.find(id)))
      if (own !== null && own.ownerOpenid !== ownerOpenid) return false
      if (own?.state === 'kept') {
        await files.change({ _id: id, state: 'kept' }, { touchedAt: at })
        return true
      }
      const fileId = await upload(own?.path ?? path, bytes)
      return await files.swap(id, {
        expected: { state: 'uploading' },
        change: { state: 'kept', fileId, touchedAt: at },
      })
    },

    async get(id) {
      const file = await files.find(id)
      if (file?.state !== 'kept' || file.fileId === null) return null
      const { fileId: fileID, ownerOpenid, type } = file
      try {
        const { fileContent } = await database.call('files.download', () =>
          within(storage.downloadFile({ fileID })),
        )
        return { id, ownerOpenid, type, bytes: fileContent }
      } catch (error) {
        // Cleared away since its document was read?
        if (error instanceof StoreUnavailableError && (await files.find(id))?.state !== 'kept') return null
        throw error
      }
    },

    async touch({ ids, ownerOpenid, at }) {
      if (ids.length === 0) return true
      const own = { _id: command.in(ids), ownerOpenid, state: 'kept' }
      await files.change(own, { touchedAt: at })
      // Counted by reading: one that was touched at this very instant before would not count as changed.
      const touched = await files.readPart({ where: own, limit: ids.length }, ['_id'])
      return touched.length === new Set(ids).size
    },

    async clearLoose({ before, limit }) {
      await indexWhatIsLeft(database, ['orders'])
      const old = await files.read({
        where: { loose: true, touchedAt: command.lt(before) },
        order: [
          ['touchedAt', 'asc'],
          ['_id', 'asc'],
        ],
        limit: Math.min(limit, MAX_PAGE),
      })
      const answers = await Promise.all(old.map(clear))
      return answers.filter((cleared) => cleared).length
    },
  }
}

const isShown = async (database: Database, id: string): Promise<boolean> => {
  const rows = database.collection<RefundRowDocument>('refunds')
  return (await rows.readPart({ where: { evidence: id }, limit: 1 }, ['_id'])).length > 0
}

const within = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer from the storage')), TRANSFER_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
