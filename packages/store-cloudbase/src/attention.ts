/** @module What needs a person, newest first. */
import type { AttentionItem, AttentionStore } from '@yuanlu/shop'
import type { Database } from './documents.ts'
import { positionOf } from './position.ts'
import { type AttentionRowDocument, indexWhatIsLeft } from './rows.ts'
import { findResolution, resolveStray } from './strays.ts'

const OWNERS = ['orders', 'strays'] as const
const MAX_PAGE = 1_000

export const cloudbaseAttention = (database: Database): AttentionStore => {
  const rows = database.collection<AttentionRowDocument>('attention')
  return {
    async find(id) {
      await indexWhatIsLeft(database, OWNERS)
      const row = await rows.findPart(id, ['owner', 'ofOrder', 'resolvedAt', 'body'])
      if (row === null) return null
      const item: AttentionItem = JSON.parse(row.body)
      const { owner, ofOrder, resolvedAt } = row
      const resolution = ofOrder || resolvedAt === null ? null : await findResolution(database, owner)
      return { orderId: ofOrder ? owner : null, resolvedAt, resolution, item }
    },

    async resolveStray({ id, at, by, note }) {
      await indexWhatIsLeft(database, OWNERS)
      const row = await rows.findPart(id, ['owner', 'ofOrder'])
      if (row === null || row.ofOrder) return
      await resolveStray(database, { transactionId: row.owner, at, by, note })
    },

    async listOpen({ after, limit }) {
      await indexWhatIsLeft(database, OWNERS)
      const found = await rows.readPart(
        {
          where: {
            open: true,
            position:
              after === undefined
                ? database.command.gt('')
                : database.command.lt(positionOf(after.since, after.id)),
          },
          order: [['position', 'desc']],
          limit: Math.min(limit, MAX_PAGE),
        },
        ['body'],
      )
      return found.map(({ body }): AttentionItem => JSON.parse(body))
    },
  }
}
