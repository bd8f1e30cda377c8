/** @module The goods of an order, line by line. */
import type { Fen, Order } from '@yuanlu/contract'
import { pictureOf } from './goods'

export interface OrderLineView {
  readonly productId: string
  readonly title: string
  readonly picture: string
  readonly unitPriceFen: Fen
  readonly quantity: number
  readonly amountFen: Fen
}

export type Pictures = ReadonlyMap<string, string>

export const orderLineViews = (order: Order, pictures: Pictures): OrderLineView[] =>
  order.items.map((item) => ({
    productId: item.productId,
    title: item.title,
    picture: pictureOf(pictures.get(item.productId)),
    unitPriceFen: item.unitPriceFen,
    quantity: item.quantity,
    amountFen: item.amountFen,
  }))

export const piecesOf = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0)
