/** @module Products and their stock: goods are taken once and given back once, whoever dies in between. */
import type { CatalogueRow, Clock, Product, ProductStore, ReserveAnswer } from '@yuanlu/shop'
import type { Database } from './documents.ts'
import { StoreUnavailableError } from './failure.ts'
import { queues } from './limiter.ts'
import {
  finishMove,
  type HoldDocument,
  holdKey,
  holdsOf,
  type Move,
  newMove,
  type ProductDocument,
  productsOf,
} from './moves.ts'
import { positionOf } from './position.ts'

/** Notes in one product at most: a bound on its size, far above what is under way at once. */
const MAX_MOVES = 256
/** A note this old was left by somebody who broke off: whoever reads the product finishes it. */
const LEFT_BEHIND_MS = 60_000
/** Each of these rounds somebody else got through. */
const ROUNDS = 100
const WAIT_MS = 4
const MAX_WAIT_MS = 60
const MAX_PAGE = 1_000

export const cloudbaseProducts = (database: Database, now: Clock): ProductStore => {
  const products = productsOf(database)
  const holds = holdsOf(database)
  const { command } = database
  const inTurn = queues()

  const nextPlace = async (): Promise<number> => {
    const [end] = await products.readPart(
      { where: { shelf: command.gt('') }, order: [['shelf', 'desc']], limit: 1 },
      ['shelf'],
    )
    return end === undefined ? 1 : Number.parseInt(end.shelf, 10) + 1
  }

  const newProduct = ({ productId, ...row }: CatalogueRow, place: number): ProductDocument => ({
    _id: productId,
    shelf: positionOf(place, productId),
    ...fieldsOf(row),
    returns: 0,
    moves: [],
  })

  const finishAll = async (moves: readonly Move[]): Promise<void> => {
    await Promise.all(moves.map((move) => finishMove(database, move)))
  }

  /**
   * Puts goods on the shelf, once. The product is read before the hold: when the hold then still says that
   * nothing came back, and no other goods came back since the product was read, nobody was faster.
   */
  const giveBack = async (
    productId: string,
    key: string,
    decide: (hold: HoldDocument | null, product: ProductDocument | null) => Promise<Omit<Move, 'id'> | null>,
  ): Promise<void> => {
    for (let round = 0; round < ROUNDS; round++) {
      const product = await products.find(productId)
      const hold = await holds.find(key)
      const open = product?.moves.filter((move) => move.key === key) ?? []
      if (open.length > 0) {
        await finishAll(open)
        continue
      }
      const wanted = await decide(hold, product)
      if (wanted === null || product === null) return
      if (product.moves.length >= MAX_MOVES) {
        await finishAll(product.moves)
        continue
      }
      const move = newMove(wanted)
      const outcome = await products.changeOnce(
        { _id: productId, returns: product.returns },
        { stock: command.inc(move.quantity), returns: command.inc(1), moves: command.push([move]) },
      )
      if (outcome === 'changed') {
        await finishMove(database, move)
        return
      }
      await database.pause(Math.min(WAIT_MS * (round + 1), MAX_WAIT_MS))
    }
    throw overrun(productId)
  }

  return {
    async list() {
      const found: Product[] = []
      for (let seen: string | null = ''; seen !== null; ) {
        const page: ProductDocument[] = await products.read({
          where: { shelf: command.gt(seen) },
          order: [['shelf', 'asc']],
          limit: MAX_PAGE,
        })
        found.push(...page.map(productOf))
        seen = page.length < MAX_PAGE ? null : (page.at(-1)?.shelf ?? null)
      }
      return found
    },

    async get(productId) {
      const product = await products.find(productId)
      if (product === null) return null
      const left = product.moves.filter((move) => move.at < now() - LEFT_BEHIND_MS)
      if (left.length === 0) return productOf(product)
      await finishAll(left)
      const finished = await products.find(productId)
      return finished === null ? null : productOf(finished)
    },

    async insertMissing(rows) {
      if (rows.length === 0) return 0
      const place = await nextPlace()
      const answers = await Promise.all(rows.map((row, i) => products.insert(newProduct(row, place + i))))
      return answers.filter((inserted) => inserted).length
    },

    async put({ productId, ...row }) {
      for (let round = 0; round < ROUNDS; round++) {
        const there = await products.findPart(productId, ['writeId'])
        // Sales leave the mark alone, another put does not: put twice, the stock would be what it was before the sales.
        // Nor is it put over somebody else's count when it may have come before theirs: whoever counted looks and decides.
        const once = true
        const done =
          there === null
            ? await products.insert(newProduct({ productId, ...row }, await nextPlace()), { once })
            : await products.swap(productId, { expected: markOf(there), change: fieldsOf(row), once })
        if (done) return
      }
      throw overrun(productId)
    },

    async reserve({ productId, orderId, quantity }): Promise<ReserveAnswer> {
      const key = holdKey(productId, orderId)
      for (let round = 0; round < ROUNDS; round++) {
        const hold = await holds.findPart(key, ['state'])
        if (hold?.state === 'released') return { kind: 'released' }
        if (hold?.state === 'held') {
          const product = await products.findPart(productId, ['moves'])
          const open = product?.moves.filter((move) => move.key === key) ?? []
          await finishAll(open)
          // A release that broke off has put the goods on the shelf: they are not this order's any more.
          return { kind: open.some((move) => move.kind === 'return') ? 'released' : 'held' }
        }
        const move = newMove({ key, kind: 'take', quantity, at: now() })
        const outcome = await products.changeOnce(
          {
            _id: productId,
            stock: command.gte(quantity),
            'moves.key': command.neq(key),
            [`moves.${MAX_MOVES - 1}`]: command.exists(false),
          },
          { stock: command.inc(-quantity), moves: command.push([move]) },
        )
        if (outcome === 'changed') return { kind: await finishMove(database, move) }
        const product = await products.findPart(productId, ['stock', 'moves'])
        if (product === null) return { kind: 'short', stock: 0 }
        const open = product.moves.filter((other) => other.key === key)
        if (open.length > 0) await finishAll(open)
        else if (product.moves.length >= MAX_MOVES) await finishAll(product.moves)
        else if (product.stock < quantity && (await holds.findPart(key, ['state'])) === null)
          return { kind: 'short', stock: product.stock }
        else if (outcome === 'unclear') await database.pause(WAIT_MS)
      }
      throw overrun(productId)
    },

    restock({ productId, refundId, quantity }) {
      const key = holdKey(productId, refundId)
      return inTurn(productId, () =>
        giveBack(productId, key, async (hold) =>
          hold === null ? { key, kind: 'restock', quantity, at: now() } : null,
        ),
      )
    },

    release({ productId, orderId }) {
      const key = holdKey(productId, orderId)
      return inTurn(productId, () =>
        giveBack(productId, key, async (hold) => {
          // Nothing was held: this tells a reserve that is still under way that it comes too late.
          const found = hold ?? (await insertTombstone(database, { productId, orderId, key }))
          if (found === null || found.state === 'released') return null
          return { key, kind: 'return', quantity: found.quantity, at: now() }
        }),
      )
    },
  }
}

/** Null when it is there now; else the hold that was there already. */
const insertTombstone = async (
  database: Database,
  { productId, orderId, key }: { readonly productId: string; readonly orderId: string; readonly key: string },
): Promise<HoldDocument | null> => {
  const tombstone = {
    _id: key,
    productId,
    owner: orderId,
    quantity: 0,
    state: 'released',
    takeId: null,
  } as const
  return (await holdsOf(database).insert(tombstone)) ? null : await holdsOf(database).find(key)
}

const overrun = (productId: string): StoreUnavailableError =>
  new StoreUnavailableError(`product ${productId}: too many at once, try again`, { code: null, cause: null })

const fieldsOf = ({ title, description, priceFen, stock, imageUrl }: Omit<CatalogueRow, 'productId'>) => ({
  title,
  description,
  priceFen,
  stock,
  imageUrl,
})

/** A product that was written by hand has none. */
const markOf = ({ writeId }: Pick<ProductDocument, 'writeId'>) => (writeId === undefined ? {} : { writeId })

const productOf = ({ _id: productId, ...fields }: ProductDocument): Product => ({
  productId,
  ...fieldsOf(fields),
})
