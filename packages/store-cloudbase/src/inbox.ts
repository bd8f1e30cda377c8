/** @module Verified news, kept before anything is done about it. */
import type { InboxNews, InboxStore } from '@yuanlu/shop'
import type { Database, Stored } from './documents.ts'

interface NewsDocument extends Stored {
  readonly receivedAt: number
  readonly waiting: boolean
  readonly appliedAt: number | null
  readonly body: string
}

const MAX_PAGE = 1_000

export const cloudbaseInbox = (database: Database): InboxStore => {
  const inbox = database.collection<NewsDocument>('inbox')
  return {
    async put(news) {
      const { id: _id, receivedAt } = news
      await inbox.insert({ _id, receivedAt, waiting: true, appliedAt: null, body: JSON.stringify(news) })
    },

    async markApplied(id, at) {
      await inbox.change({ _id: id, waiting: true }, { waiting: false, appliedAt: at })
    },

    async listUnapplied({ before, limit }) {
      const found = await inbox.readPart(
        {
          where: { waiting: true, receivedAt: database.command.lt(before) },
          order: [
            ['receivedAt', 'asc'],
            ['_id', 'asc'],
          ],
          limit: Math.min(limit, MAX_PAGE),
        },
        ['body'],
      )
      return found.map(({ body }): InboxNews => JSON.parse(body))
    },
  }
}
