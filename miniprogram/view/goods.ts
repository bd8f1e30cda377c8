/** @module Products and the bag: what may be added, what it sums up to. */
import { type Fen, LIMITS, type Product } from '@yuanlu/contract'
import { goodsCopy } from '../copy/goods'
import type { BasketLine } from '../services/basket'

const FEW = 10
export const NO_PICTURE = '/assets/products/no-picture.png'

export const pictureOf = (imageUrl: string | undefined): string => imageUrl || NO_PICTURE

export interface ProductView {
  readonly productId: string
  readonly title: string
  readonly description: string
  readonly picture: string
  readonly priceFen: Fen
  /** Empty when there is none: the place of the button says it. */
  readonly stockText: string
  /** Read out with the buttons that change how many. */
  readonly quantityLabel: string
  readonly soldOut: boolean
  readonly few: boolean
  /** The most that one order may take. */
  readonly most: number
  readonly quantity: number
}

const stockText = (stock: number): string => {
  if (stock === 0) return ''
  return stock <= FEW ? goodsCopy.few(stock) : goodsCopy.left(stock)
}

export const productView = (product: Product, quantityInBasket: number): ProductView => {
  const most = Math.min(product.stock, LIMITS.quantity)
  return {
    productId: product.productId,
    title: product.title,
    description: product.description || goodsCopy.noDescription,
    picture: pictureOf(product.imageUrl),
    priceFen: product.priceFen,
    stockText: stockText(product.stock),
    quantityLabel: goodsCopy.quantityOf(product.title),
    soldOut: product.stock === 0,
    few: product.stock > 0 && product.stock <= FEW,
    most,
    quantity: Math.min(quantityInBasket, most),
  }
}

export interface BasketView {
  readonly pieces: number
  readonly totalFen: Fen
  /** What can really be bought of what is in the bag. */
  readonly lines: readonly BasketLine[]
}

export interface HomeView {
  readonly products: readonly ProductView[]
  readonly basket: BasketView
}

export const homeView = (products: readonly Product[], basket: readonly BasketLine[]): HomeView => {
  const quantities = new Map(basket.map(({ productId, quantity }) => [productId, quantity]))
  const views = products.map((product) => productView(product, quantities.get(product.productId) ?? 0))
  const chosen = views.filter(({ quantity }) => quantity > 0)
  return {
    products: views,
    basket: {
      pieces: chosen.reduce((sum, { quantity }) => sum + quantity, 0),
      totalFen: chosen.reduce((sum, { quantity, priceFen }) => sum + quantity * priceFen, 0),
      lines: chosen.map(({ productId, quantity }) => ({ productId, quantity })),
    },
  }
}

/** How many are in the bag after adding some, never more than one order may take. */
export const addedQuantity = (view: ProductView, inBasket: number, more: number): number =>
  Math.max(Math.min(inBasket + more, view.most), Math.min(inBasket, view.most))
