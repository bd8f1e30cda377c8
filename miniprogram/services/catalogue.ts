/** @module The goods as last seen, for pictures beside order lines. Prices are never taken from here. */
import type { Product } from '@yuanlu/contract'
import { api } from './api'

let seen: readonly Product[] | null = null

export const loadProducts = async (): Promise<readonly Product[]> => {
  const { items } = await api.listProducts()
  seen = items
  return items
}

/** Picture by product id. Without an answer the lines go without pictures. */
export const loadPictures = async (): Promise<ReadonlyMap<string, string>> => {
  const products = seen ?? (await loadProducts().catch(() => []))
  return new Map(products.map(({ productId, imageUrl }) => [productId, imageUrl]))
}
