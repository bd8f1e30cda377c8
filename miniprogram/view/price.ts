/** @module An amount in the parts a price tag is set in. */
import { type Fen, formatYuan } from '@yuanlu/contract'
import { actionsCopy } from '../copy/actions'

export interface PriceParts {
  readonly yuan: string
  /** With its point: ".50". */
  readonly cents: string
}

export const priceParts = (fen: Fen): PriceParts => {
  const [yuan = '0', cents = '00'] = formatYuan(fen).split('.')
  return { yuan, cents: `.${cents}` }
}

/** "¥12.34" */
export const priceText = (fen: Fen): string => `${actionsCopy.fee}${formatYuan(fen)}`
