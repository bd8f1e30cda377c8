/** @module The checkout: what of the draft can be bought now, at which price, and what is missing to submit it. */
import { type Delivery, type Fen, LIMITS, type Product } from '@yuanlu/contract'
import { checkoutCopy, deliveryProblemCopy } from '../copy/checkout'
import type { BasketLine } from '../services/basket'
import { pictureOf } from './goods'
import { type OrderLineView, piecesOf } from './order-lines'

export interface CheckoutView {
  readonly lines: readonly OrderLineView[]
  readonly pieces: number
  readonly totalFen: Fen
  /** What was changed against the shopper's wish, one sentence each. */
  readonly notices: readonly string[]
}

type Fitted = { readonly line: OrderLineView | null; readonly notice: string | null }

const fit = ({ productId, quantity }: BasketLine, product: Product | undefined): Fitted => {
  if (product === undefined) return { line: null, notice: checkoutCopy.someGone }
  if (product.stock === 0) return { line: null, notice: checkoutCopy.someSoldOut(product.title) }
  const available = Math.min(quantity, product.stock, LIMITS.quantity)
  return {
    line: {
      productId,
      title: product.title,
      picture: pictureOf(product.imageUrl),
      unitPriceFen: product.priceFen,
      quantity: available,
      amountFen: product.priceFen * available,
    },
    notice: available < quantity ? checkoutCopy.lowered(product.title, available) : null,
  }
}

export const checkoutView = (wanted: readonly BasketLine[], products: readonly Product[]): CheckoutView => {
  const byId = new Map(products.map((product) => [product.productId, product]))
  const fitted = wanted.map((line) => fit(line, byId.get(line.productId)))
  const lines = fitted.flatMap(({ line }) => (line === null ? [] : [line]))
  return {
    lines,
    pieces: piecesOf(lines),
    totalFen: lines.reduce((sum, { amountFen }) => sum + amountFen, 0),
    notices: [...new Set(fitted.flatMap(({ notice }) => (notice === null ? [] : [notice])))],
  }
}

export const wantedLines = (view: CheckoutView): BasketLine[] =>
  view.lines.map(({ productId, quantity }) => ({ productId, quantity }))

/** The contract's own rule for a phone number; the server checks again. */
const PHONE = /^[+0-9][0-9 -]{4,19}$/
const fits = (text: string, most: number): boolean => text.length > 0 && [...text].length <= most

export const trimDelivery = ({ name, phone, address }: Delivery): Delivery => ({
  name: name.trim(),
  phone: phone.trim(),
  address: address.trim(),
})

/** The first thing to mend in a (trimmed) delivery address, or `null` when it can be sent. */
export const deliveryProblem = ({ name, phone, address }: Delivery): string | null => {
  if (!fits(name, LIMITS.deliveryName)) return deliveryProblemCopy.name
  if (!PHONE.test(phone)) return deliveryProblemCopy.phone
  if (!fits(address, LIMITS.deliveryAddress)) return deliveryProblemCopy.address
  return null
}
