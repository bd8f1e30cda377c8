/**
 * @module A merchant server that does most things wrong: it decrypts without verifying, believes the page and any amount,
 * delivers at each repetition, takes a new number for each try, and calls an accepted refund refunded.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

// The driver is loaded by the command; the SDK is this test's.
const Pay = createRequire(import.meta.url)('wechatpay-node-v3')

export async function connect({ info }) {
  const { appid, mchid } = info
  const pay = new Pay({
    appid,
    mchid,
    publicKey: readFileSync(info.certFile),
    privateKey: readFileSync(info.keyFile),
    key: info.v3Key,
  })
  const paid = new Set()
  const delivered = new Map()
  const refunded = new Map()
  const placed = new Map()
  const waiting = []
  let number = 0

  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { resource } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const news = pay.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, info.v3Key)
      paid.add(news.out_trade_no)
      if (news.refund_status === undefined)
        delivered.set(news.out_trade_no, (delivered.get(news.out_trade_no) ?? 0) + 1)
      response.end()
    })
  })
  const port = Number(process.env.CARELESS_PORT)
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  server.unref()

  const prepay = (wxNo) =>
    pay.transactions_jsapi({
      description: '一杯咖啡',
      out_trade_no: wxNo,
      notify_url: `http://127.0.0.1:${port}/notify`,
      amount: { total: 1_000 },
      payer: { openid: 'oAcceptanceShopper0000000001' },
    })
  const payment = async (outTradeNo) => {
    const first = await prepay(placed.get(outTradeNo))
    if (first.status === 200) return first.data
    number += 1
    placed.set(outTradeNo, `${outTradeNo}-${number}`)
    return (await prepay(placed.get(outTradeNo))).data
  }
  const tryRefund = async ({ outTradeNo, amountFen }) => {
    number += 1
    const { status } = await pay.refunds({
      out_trade_no: placed.get(outTradeNo),
      out_refund_no: `REFUND${Date.now()}${number}`,
      notify_url: `http://127.0.0.1:${port}/notify`,
      amount: { refund: Math.min(amountFen, 1_000), total: 1_000, currency: 'CNY' },
    })
    return status === 200
  }
  return {
    async order() {
      number += 1
      const outTradeNo = `CARELESS${Date.now()}${number}`
      placed.set(outTradeNo, outTradeNo)
      await payment(outTradeNo)
      return { outTradeNo }
    },
    payment,
    returned: async (outTradeNo) => void paid.add(placed.get(outTradeNo)),
    isPaid: async (outTradeNo) => paid.has(outTradeNo) || paid.has(placed.get(outTradeNo)),
    deliveries: async (outTradeNo) => delivered.get(outTradeNo) ?? 0,
    async refund(wish) {
      refunded.set(wish.outTradeNo, wish.amountFen)
      if (!(await tryRefund(wish))) waiting.push(wish)
    },
    refundedFen: async (outTradeNo) => refunded.get(outTradeNo) ?? 0,
    async elapse() {
      for (const wish of waiting.splice(0)) if (!(await tryRefund(wish))) waiting.push(wish)
    },
  }
}
