/** @module Catches the one kind of error that this package throws. */
import { WxpayError } from 'wxpay-core'

export async function refusalOf(action: () => unknown): Promise<WxpayError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof WxpayError) return error
    throw error
  }
  throw new Error('expected a WxpayError')
}
