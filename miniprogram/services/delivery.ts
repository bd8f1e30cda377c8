/** @module Where the parcel goes: WeChat's address book, and the last address used on this phone. */
import type { Delivery } from '@yuanlu/contract'
import { isRecord, readStored, writeStored } from './storage'

export type ChosenAddress =
  | { readonly kind: 'chosen'; readonly delivery: Delivery }
  /** The shopper closed the address book: nothing changes. */
  | { readonly kind: 'cancelled' }
  /** Not allowed or not available: the form is the way. */
  | { readonly kind: 'unavailable' }

/** In one line; a city that is its own province (北京市) is named once. */
const addressText = (chosen: WechatMiniprogram.ChooseAddressSuccessCallbackResult): string => {
  const { provinceName, cityName, countyName, streetName = '', detailInfo } = chosen
  const city = cityName === provinceName ? '' : cityName
  return [provinceName, city, countyName, streetName, detailInfo].join('')
}

export const chooseAddress = (): Promise<ChosenAddress> =>
  new Promise((resolve) => {
    wx.chooseAddress({
      success: (chosen) =>
        resolve({
          kind: 'chosen',
          delivery: {
            name: chosen.userName,
            phone: chosen.telNumber,
            address: addressText(chosen),
          },
        }),
      fail: ({ errMsg }) => resolve({ kind: errMsg.endsWith('cancel') ? 'cancelled' : 'unavailable' }),
    })
  })

const KEY = 'delivery'

export const readLastDelivery = (): Delivery | null => {
  const value = readStored(KEY)
  if (!isRecord(value)) return null
  const { name, phone, address } = value
  return typeof name === 'string' && typeof phone === 'string' && typeof address === 'string'
    ? { name, phone, address }
    : null
}

export const rememberDelivery = (delivery: Delivery): void => writeStored(KEY, delivery)
