/**
 * @module The database actions as @cloudbase/node-sdk 3.17.2 (under wx-server-sdk 4.0.2) sends them.
 */

import type { Action, ActionRequest } from '../action.ts'
import { cloudErrors } from '../cloud-error.ts'
import type { Database } from './database.ts'
import type { SortField } from './plan.ts'
import { type Document, formatDocument, parseDocument, parseValue } from './values.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MAX_OFFSET = 1_000_000
const MAX_INSERTS = 1_000
const MAX_STAGES = 100

export function databaseActions(database: Database, now: () => number): Readonly<Record<string, Action>> {
  return {
    'database.addCollection': (request) => {
      const name = request.text('collectionName')
      request.assertAllRead()
      database.createCollection(name)
      return {}
    },

    'database.insertDocument': async (request) => {
      const collection = request.text('collectionName')
      const texts = request.list('data', MAX_INSERTS)
      const id = request.optionalText('transactionId')
      request.assertAllRead()
      const documents = texts.map((text, i) => parseDocument(text, now(), `data[${i}]`))
      const insertedIds = await database.within(id, (transaction) =>
        database.insert(collection, documents, transaction),
      )
      return { data: { insertedIds } }
    },

    'database.getDocument': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const sort = sortOf(request.optionalDocument('order'))
      const projection = projectionOf(request.optionalDocument('projection'))
      const skip = request.whole('offset', 0, 0, MAX_OFFSET)
      const limit = request.whole('limit', DEFAULT_LIMIT, 1, MAX_LIMIT)
      // doc().get() says that it wants one; it gets all there are of one id.
      request.flag('multi', true)
      const id = request.optionalText('transactionId')
      request.assertAllRead()
      const find = { collection, query, sort, projection, skip, limit }
      const found = await database.within(id, (transaction) => database.find(find, transaction))
      return { data: { list: found.map(formatDocument) }, limit, offset: skip }
    },

    'database.calculateDocument': (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      request.assertAllRead()
      return { data: { total: database.count(collection, query) } }
    },

    'database.modifyDocument': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const data = request.document('data')
      const isMany = request.flag('multi', false)
      const isMerge = request.flag('merge', true)
      const isUpsert = request.flag('upsert', false)
      const id = request.optionalText('transactionId')
      request.assertAllRead()
      // The SDK has two: update() merges and never makes a document, set() replaces and may.
      if (isMerge === isUpsert) throw cloudErrors.notEmulated(`merge ${isMerge} with upsert ${isUpsert}`)
      if (isMerge) {
        const { updated } = await database.within(id, (transaction) =>
          database.update(collection, query, data, { isMany }, transaction),
        )
        return { data: { updated } }
      }
      const { _id, ...others } = query
      if (_id === undefined || Object.keys(others).length > 0 || isMany) {
        throw cloudErrors.notEmulated('replacing by anything but _id')
      }
      const { updated, isNew } = await database.within(id, (transaction) =>
        database.set(collection, { ...data, _id }, transaction),
      )
      return { data: { updated, ...(isNew ? { upsert_id: _id } : {}) } }
    },

    'database.modifyAndReturnDoc': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const data = request.document('data')
      const id = request.optionalText('transactionId')
      request.assertAllRead()
      const one = await database.within(id, (transaction) =>
        database.update(collection, query, data, { isMany: false }, transaction),
      )
      const [document] = one.documents
      return {
        data: { updated: one.updated, ...(document === undefined ? {} : { doc: formatDocument(document) }) },
      }
    },

    'database.removeDocument': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const isMany = request.flag('multi', false)
      const id = request.optionalText('transactionId')
      request.assertAllRead()
      const deleted = await database.within(id, (transaction) =>
        database.remove(collection, query, { isMany }, transaction),
      )
      return { data: { deleted } }
    },

    'database.aggregateDocuments': (request) => {
      const collection = request.text('collectionName')
      const stages = request.list('stages', MAX_STAGES).map((stage, i) => {
        const { stageKey, stageValue } = (stage ?? {}) as Record<string, unknown>
        if (typeof stageKey !== 'string') throw cloudErrors.invalid(`stages[${i}] needs a stageKey`)
        return { name: stageKey, value: parseValue(stageValue, now(), stageKey) }
      })
      request.assertAllRead()
      return { data: { list: database.aggregate(collection, stages).map(formatDocument) } }
    },

    'database.startTransaction': (request) => {
      request.assertAllRead()
      return { transactionId: database.startTransaction().id }
    },

    'database.commitTransaction': async (request) => {
      const id = request.text('transactionId')
      request.assertAllRead()
      await database.commit(id)
      return {}
    },

    'database.abortTransaction': async (request) => {
      const id = request.text('transactionId')
      request.assertAllRead()
      await database.abort(id)
      return {}
    },
  }
}

function queryOf(request: ActionRequest): Document {
  const type = request.optionalText('queryType')
  if (type !== undefined && type !== 'DOC' && type !== 'WHERE')
    throw cloudErrors.notEmulated(`the queryType ${type}`)
  return request.query()
}

function sortOf(order: Document | undefined): readonly SortField[] {
  return Object.entries(order ?? {}).map(([name, direction]) => {
    if (direction !== 1 && direction !== -1) throw cloudErrors.invalid(`order of ${name} must be 1 or -1`)
    return { name, direction }
  })
}

function projectionOf(projection: Document | undefined): Document | undefined {
  if (projection === undefined || Object.keys(projection).length === 0) return undefined
  for (const [name, value] of Object.entries(projection)) {
    if (value !== 0 && value !== 1)
      throw cloudErrors.notEmulated(`the projection of ${name} to ${JSON.stringify(value)}`)
  }
  const shown = new Set(
    Object.entries(projection).flatMap(([name, value]) => (name === '_id' ? [] : [value])),
  )
  if (shown.size > 1) throw cloudErrors.invalid('a projection shows fields or hides them, not both')
  return projection
}
