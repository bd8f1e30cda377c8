/**
 * @module Goods on their way between the shelf and a hold: two documents, made one by a note in the product.
 *
 * The shelf and the note change in one write. Then the hold is written, and then the note goes. Whoever finds a note
 * may finish it, at any time and as often as they like: what became of it can be read from the hold, which is never
 * deleted.
 */
import { randomUUID } from 'node:crypto'
import type { Instant } from '@yuanlu/shop'
import type { Database, Stored } from './documents.ts'

export interface Move {
  readonly id: string
  /** The hold it is about. */
  readonly key: string
  readonly kind: 'take' | 'return' | 'restock'
  readonly quantity: number
  readonly at: Instant
}

export interface ProductDocument extends Stored {
  /** Its place in the list: a number, then its id. */
  readonly shelf: string
  readonly title: string
  readonly description: string
  readonly priceFen: number
  readonly stock: number
  readonly imageUrl: string
  /** The mark of whoever inserted or put it last; sales and returns leave it alone. */
  readonly writeId?: string
  /** How often goods came back: raised with every note that puts goods on the shelf. */
  readonly returns: number
  /** Notes of moves that are under way. */
  readonly moves: readonly Move[]
}

export interface HoldDocument extends Stored {
  readonly productId: string
  /** The order that has the goods, or the refund that brought them back. */
  readonly owner: string
  readonly quantity: number
  readonly state: 'held' | 'released'
  /** The move that took these goods: any other one of the same order was one too many. */
  readonly takeId: string | null
}

export const holdKey = (productId: string, owner: string): string =>
  `${encodeURIComponent(owner)}:${encodeURIComponent(productId)}`

const partsOf = (key: string): { readonly productId: string; readonly owner: string } => {
  const [owner = '', productId = ''] = key.split(':').map(decodeURIComponent)
  return { productId, owner }
}

export const newMove = (move: Omit<Move, 'id'>): Move => ({ id: randomUUID(), ...move })

/** Finishes a move and takes its note away. Answers what the hold is now. */
export const finishMove = async (database: Database, move: Move): Promise<HoldDocument['state']> => {
  if (move.kind === 'take') return await finishTake(database, move)
  if (move.kind === 'return')
    await holdsOf(database).change({ _id: move.key, state: 'held' }, { state: 'released' })
  else await holdsOf(database).insert(holdOf(move, 'released', null))
  await forget(database, move)
  return 'released'
}

/**
 * The hold remembers which move made it. Goods that another move took for the same order (a twin's, or one that
 * arrived after its order had given up) go back to the shelf together with the note, so they go back once.
 */
const finishTake = async (database: Database, move: Move): Promise<HoldDocument['state']> => {
  const holds = holdsOf(database)
  if (await holds.insert(holdOf(move, 'held', move.id))) {
    await forget(database, move)
    return 'held'
  }
  const hold = await holds.findPart(move.key, ['state', 'takeId'])
  if (hold === null) throw new Error(`hold ${move.key} is taken and not there`)
  if (hold.takeId === move.id) await forget(database, move)
  else
    await productsOf(database).change(
      { _id: partsOf(move.key).productId, 'moves.id': move.id },
      { stock: database.command.inc(move.quantity), moves: database.command.pull({ id: move.id }) },
    )
  return hold.state
}

const forget = async (database: Database, move: Move): Promise<void> => {
  await productsOf(database).change(
    { _id: partsOf(move.key).productId, 'moves.id': move.id },
    { moves: database.command.pull({ id: move.id }) },
  )
}

export const holdsOf = (database: Database) => database.collection<HoldDocument>('holds')
export const productsOf = (database: Database) => database.collection<ProductDocument>('products')

const holdOf = (move: Move, state: HoldDocument['state'], takeId: string | null): HoldDocument => ({
  _id: move.key,
  ...partsOf(move.key),
  quantity: move.quantity,
  state,
  takeId,
})
