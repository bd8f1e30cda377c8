/** @module The catalogue as staff see it, and a product as its owner types it. */
import { type Fen, formatYuan, MAX_ORDER_FEN, type Product } from '@yuanlu/contract'
import { staffCopy } from '../copy/staff'
import { staffProductsCopy as copy } from '../copy/staff-products'
import type { Question } from '../services/dialogue'
import { pictureOf } from './goods'
import { priceText } from './price'
import type { SheetView } from './staff-sheet'
import type { FieldView } from './staff-sheets'
import { yuanToFen } from './yuan'

export interface StaffProductView {
  readonly productId: string
  readonly title: string
  readonly picture: string
  readonly priceFen: Fen
  readonly stockText: string
  readonly offSale: boolean
}

export const staffProductViews = (products: readonly Product[]): StaffProductView[] =>
  products.map(({ productId, title, imageUrl, priceFen, stock }) => ({
    productId,
    title,
    picture: pictureOf(imageUrl),
    priceFen,
    stockText: stock === 0 ? copy.offSale : copy.stock(stock),
    offSale: stock === 0,
  }))

/** As typed. */
export interface ProductForm {
  readonly title: string
  readonly price: string
  readonly stock: string
  readonly description: string
  readonly imageUrl: string
}

export const EMPTY_PRODUCT_FORM: ProductForm = {
  title: '',
  price: '',
  stock: '',
  description: '',
  imageUrl: '',
}

export const formOf = (product: Product): ProductForm => ({
  title: product.title,
  price: formatYuan(product.priceFen),
  stock: String(product.stock),
  description: product.description,
  imageUrl: product.imageUrl,
})

/** `null` for a new one. */
export const productSheet = (product: Product | null): SheetView => ({
  title: product === null ? copy.addTitle : copy.editTitle,
  rows:
    product === null
      ? []
      : [
          { label: copy.number, value: product.productId, strong: false },
          { label: copy.present, value: copy.pieces(product.stock), strong: false },
        ],
  warning: product === null ? '' : copy.warning,
  confirm: copy.save,
  danger: false,
})

const MOST_TITLE = 60
const MOST_DESCRIPTION = 500

export const descriptionField: FieldView = {
  label: copy.description,
  placeholder: copy.descriptionPlaceholder,
  most: MOST_DESCRIPTION,
  required: false,
  chips: [],
}

/** A product without its id. */
export type ProductBody = Omit<Product, 'productId'>

export type ReadProduct =
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'ready'; readonly body: ProductBody }

const problem = (text: string): ReadProduct => ({ kind: 'problem', problem: text })

/** Pieces: whole, none or more; nine digits are more than any shelf holds. `null` when the text is no such number. */
const piecesOf = (text: string): number | null => {
  const plain = text
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  return /^\d{1,9}$/.test(plain) ? Number(plain) : null
}

/** The form as the call wants it, or the first thing to mend. */
export const readProductForm = (form: ProductForm): ReadProduct => {
  const title = form.title.trim()
  if (title === '' || [...title].length > MOST_TITLE || /[\t\n\r]/.test(title)) return problem(copy.needTitle)
  const priceFen = yuanToFen(form.price)
  if (priceFen === null || priceFen === 0) return problem(copy.needPrice)
  if (priceFen > MAX_ORDER_FEN) return problem(copy.tooDear)
  const stock = piecesOf(form.stock)
  if (stock === null) return problem(copy.needStock)
  const description = form.description.trim()
  if ([...description].length > MOST_DESCRIPTION) return problem(copy.tooLong)
  return { kind: 'ready', body: { title, description, priceFen, stock, imageUrl: form.imageUrl } }
}

/** Sold, restocked or changed by a colleague since the sheet was opened: saving would undo it unseen. */
export const hasMoved = (seen: ProductBody, fresh: ProductBody): boolean =>
  seen.stock !== fresh.stock ||
  seen.priceFen !== fresh.priceFen ||
  seen.title !== fresh.title ||
  seen.description !== fresh.description ||
  seen.imageUrl !== fresh.imageUrl

/** The form over the fresh product: what was typed stays, what was not follows. */
export const rebased = (form: ProductForm, seen: Product, fresh: Product): ProductForm => {
  const was = formOf(seen)
  const now = formOf(fresh)
  const follow = (name: keyof ProductForm): string => (form[name] === was[name] ? now[name] : form[name])
  return {
    title: follow('title'),
    price: follow('price'),
    stock: follow('stock'),
    description: follow('description'),
    imageUrl: follow('imageUrl'),
  }
}

/** A slipped digit in a price costs money: it is read back. `null` when the price stays. */
export const priceQuestion = (seen: Product | null, { title, priceFen }: ProductBody): Question | null =>
  seen === null || seen.priceFen === priceFen
    ? null
    : {
        title: copy.askTitle,
        content: copy.ask(title, priceText(seen.priceFen), priceText(priceFen)),
        confirmText: copy.askConfirm,
        cancelText: staffCopy.keep,
      }
