/** @module The shopping bag: product ids and quantities on this phone. Prices and stock stay with the server. */
import { LIMITS } from '@yuanlu/contract'
import { isRecord, readStored, writeStored } from './storage'

export interface BasketLine {
  readonly productId: string
  readonly quantity: number
}

const KEY = 'basket'

const isLine = (value: unknown): value is BasketLine =>
  isRecord(value) &&
  typeof value.productId === 'string' &&
  typeof value.quantity === 'number' &&
  Number.isInteger(value.quantity) &&
  value.quantity >= 1 &&
  value.quantity <= LIMITS.quantity

/** Lines from outside, anything odd left out. */
export const parseLines = (value: unknown): BasketLine[] =>
  Array.isArray(value) ? value.filter(isLine).slice(0, LIMITS.orderLines) : []

export const readBasket = (): BasketLine[] => parseLines(readStored(KEY))

const write = (lines: BasketLine[]): BasketLine[] => {
  writeStored(KEY, lines)
  return lines
}

/** Sets how many of a product are in the bag; zero takes it out. A bag with `LIMITS.orderLines` products takes no other. */
export const setQuantity = (productId: string, quantity: number): BasketLine[] => {
  const lines = readBasket()
  const line = { productId, quantity: Math.min(quantity, LIMITS.quantity) }
  if (quantity < 1) return write(lines.filter((each) => each.productId !== productId))
  return write(
    lines.some((each) => each.productId === productId)
      ? lines.map((each) => (each.productId === productId ? line : each))
      : parseLines([...lines, line]),
  )
}

export const quantityInBasket = (productId: string): number =>
  readBasket().find((line) => line.productId === productId)?.quantity ?? 0

/** Takes out what was just ordered, leaving what was added meanwhile. */
export const takeOut = (ordered: readonly BasketLine[]): BasketLine[] =>
  write(
    readBasket().flatMap((line) => {
      const taken = ordered.find((each) => each.productId === line.productId)?.quantity ?? 0
      return line.quantity > taken ? [{ ...line, quantity: line.quantity - taken }] : []
    }),
  )
