/** @module Paying an order: the single place that calls wx.requestPayment. What it reports is news, never proof. */
import type { Order, PaymentParams } from '@yuanlu/contract'
import { api } from './api'
import { isFailure } from './api-failure'

/**
 * How the last attempt to pay an order ended on this phone.
 * `reportedPaid`: WeChat said ok, our server has not confirmed it yet. `notStarted`: the cashier never opened.
 */
export type PaymentAttempt = 'reportedPaid' | 'cancelled' | 'failed' | 'notStarted'

/** Of this run of the mini-program only: a page opened later asks the server and needs no memory. */
const attempts = new Map<string, PaymentAttempt>()

const openCashier = (params: PaymentParams): Promise<PaymentAttempt> =>
  new Promise((resolve) => {
    wx.requestPayment({
      ...params,
      success: () => resolve('reportedPaid'),
      fail: ({ errMsg }) => resolve(errMsg.includes('cancel') ? 'cancelled' : 'failed'),
    })
  })

/**
 * Starts or goes on with the payment of an order. However it ends, `syncPayment` has the last word.
 *
 * @throws ApiFailure when our server would not start it; the order stays as it was
 */
export const payOrder = async (orderId: string): Promise<PaymentAttempt> => {
  attempts.set(orderId, 'notStarted')
  try {
    const params = await api.startPayment({ params: { orderId } })
    const attempt = await openCashier(params)
    attempts.set(orderId, attempt)
    return attempt
  } catch (failure) {
    if (!isFailure(failure, 'ORDER_ALREADY_PAID')) throw failure
    // Paid meanwhile, on another phone or by a late notice: the result page will say so.
    attempts.set(orderId, 'reportedPaid')
    return 'reportedPaid'
  }
}

export const lastAttempt = (orderId: string): PaymentAttempt | null => attempts.get(orderId) ?? null

/** The order, after our server asked WeChat Pay about it. */
export const syncPayment = (orderId: string): Promise<Order> => api.syncPayment({ params: { orderId } })
