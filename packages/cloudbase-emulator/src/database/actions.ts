/**
 * @module The database actions as @cloudbase/node-sdk 3.17.2 (under wx-server-sdk 4.0.2) sends them.
 */

import type { Action, ActionRequest } from '../action.ts'
import { cloudErrors } from '../cloud-error.ts'
import type { Database } from './database.ts'
import type { SortField } from './plan.ts'
import type { Transaction } from './transactions.ts'
import { type Document, formatDocument, parseDocument, parseValue } from './values.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MAX_OFFSET = 1_000_000
const MAX_INSERTS = 1_000
const MAX_STAGES = 100

export function databaseActions(database: Database, now: () => number): Readonly<Record<string, Action>> {
  const transactionOf = (request: ActionRequest): Transaction | undefined => {
    const id = request.optionalText('transactionId')
    return id === undefined ? undefined : database.transaction(id)
  }

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
      const transaction = transactionOf(request)
      request.assertAllRead()
      const documents = texts.map((text, i) => parseDocument(text, now(), `data[${i}]`))
      return { data: { insertedIds: await database.insert(collection, documents, transaction) } }
    },

    'database.getDocument': (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const sort = sortOf(request.optionalDocument('order'))
      const projection = projectionOf(request.optionalDocument('projection'))
      const skip = request.whole('offset', 0, 0, MAX_OFFSET)
      const limit = request.whole('limit', DEFAULT_LIMIT, 1, MAX_LIMIT)
      // doc().get() says that it wants one; it gets all there are of one id.
      request.flag('multi', true)
      const transaction = transactionOf(request)
      request.assertAllRead()
      const found = database.find({ collection, query, sort, projection, skip, limit }, transaction)
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
      const transaction = transactionOf(request)
      request.assertAllRead()
      // The SDK has two: update() merges and never makes a document, set() replaces and may.
      if (isMerge === isUpsert) throw cloudErrors.notEmulated(`merge ${isMerge} with upsert ${isUpsert}`)
      if (isMerge) {
        const { updated } = await database.update(collection, query, data, { isMany }, transaction)
        return { data: { updated } }
      }
      const { _id: id, ...others } = query
      if (id === undefined || Object.keys(others).length > 0 || isMany) {
        throw cloudErrors.notEmulated('replacing by anything but _id')
      }
      const { updated, isNew } = await database.set(collection, { _id: id, ...data }, transaction)
      return { data: { updated, ...(isNew ? { upsert_id: id } : {}) } }
    },

    'database.modifyAndReturnDoc': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const data = request.document('data')
      const transaction = transactionOf(request)
      request.assertAllRead()
      const one = await database.update(collection, query, data, { isMany: false }, transaction)
      const [document] = one.documents
      return {
        data: { updated: one.updated, ...(document === undefined ? {} : { doc: formatDocument(document) }) },
      }
    },

    'database.removeDocument': async (request) => {
      const collection = request.text('collectionName')
      const query = queryOf(request)
      const isMany = request.flag('multi', false)
      const transaction = transactionOf(request)
      request.assertAllRead()
      return { data: { deleted: await database.remove(collection, query, { isMany }, transaction) } }
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

    'database.commitTransaction': (request) => {
      const transaction = database.transaction(request.text('transactionId'))
      request.assertAllRead()
      database.commit(transaction)
      return {}
    },

    'database.abortTransaction': (request) => {
      const transaction = database.transaction(request.text('transactionId'))
      request.assertAllRead()
      database.abort(transaction)
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
