/**
 * @module A shop that does nothing but order: it shows nothing as paid, refunds nothing and asks about nothing. What its
 * server answers to a notification is the test's.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// The driver is loaded by the command; the SDK is this test's.
const Pay = createRequire(import.meta.url)('wechatpay-node-v3')

export async function connect({ info }) {
  const pay = new Pay({
    appid: info.appid,
    mchid: info.mchid,
    publicKey: readFileSync(info.certFile),
    privateKey: readFileSync(info.keyFile),
    key: info.v3Key,
  })
  let number = 0
  return {
    async order() {
      number += 1
      return { outTradeNo: `IDLE${Date.now()}${number}` }
    },
    async payment(outTradeNo) {
      const { status, data } = await pay.transactions_jsapi({
        description: '一杯咖啡',
        out_trade_no: outTradeNo,
        notify_url: process.env.IDLE_NOTIFY_URL,
        amount: { total: 1_000 },
        payer: { openid: 'oAcceptanceShopper0000000001' },
      })
      if (status !== 200) throw new Error(`the order was not placed: ${status}`)
      return data
    },
    returned: async () => {},
    isPaid: async () => false,
    refund: async () => {
      throw new Error('no refunds here')
    },
    refundedFen: async () => 0,
    elapse: async () => {},
  }
}
