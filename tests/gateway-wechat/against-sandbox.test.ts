/** The platform port against the sandbox: two readers of the same documents, who never saw each other's code. */
import { createPlatform, type WechatPlatform } from '@yuanlu/gateway-wechat'
import type { Message } from '@yuanlu/shop'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, START } from '../wechat-sandbox/merchant'

const TEMPLATES = { refundResult: 'T-result', refundRequested: 'T-requested', shipped: 'T-shipped' }
let sandbox: Sandbox
let platform: WechatPlatform

beforeEach(async () => {
  sandbox = await aSandbox()
  const { appid, appSecret, apiBaseUrl } = sandbox.info
  platform = createPlatform({
    appid,
    appSecret,
    baseUrl: apiBaseUrl,
    extraCaPem: sandbox.caPem,
    templates: TEMPLATES,
  })
})
afterEach(async () => {
  platform.destroy()
  await sandbox.close()
})
afterAll(cleanUp)

const ABOUT = {
  toOpenid: 'openid-alice',
  orderId: '7k2m9c4w8n1b5v3x6z0qajdhtr',
  refundId: '7k2m9c4w8n1b5v3x6z0qajdhtr-r1',
  amountFen: 17590,
  at: START,
}
const MESSAGES: readonly Message[] = [
  { ...ABOUT, kind: 'refundRequested', reason: '商品和描述完全不一样，包装也破了，我要求全额退款' },
  { ...ABOUT, kind: 'refundAwaitsGoods' },
  { ...ABOUT, kind: 'refundRejected', reason: '已经发货' },
  { ...ABOUT, kind: 'refunded' },
  { ...ABOUT, kind: 'refundedOtherwise' },
  { ...ABOUT, kind: 'refundAbnormal' },
  {
    kind: 'shipped',
    toOpenid: 'openid-alice',
    orderId: ABOUT.orderId,
    at: START,
    goods: '手冲咖啡豆 等2种商品',
    carrier: '顺丰速运',
    trackingNo: 'SF1234567890',
  },
]

test.each(MESSAGES)('$kind is a message the platform takes, once allowed', async (message) => {
  expect(await platform.sendMessage(message)).toEqual({ kind: 'notWanted', code: '43101' })
  for (const templateId of Object.values(TEMPLATES))
    sandbox.control.subscribe({ openid: 'openid-alice', templateId, grants: 1 })
  expect(await platform.sendMessage(message)).toEqual({ kind: 'delivered' })
  expect(sandbox.control.messages({ openid: 'openid-alice' }).messages).toHaveLength(1)
})

test('a token that ended by the platform’s clock is renewed without anybody noticing', async () => {
  sandbox.control.subscribe({ openid: 'openid-alice', templateId: 'T-result', grants: 2 })
  await platform.sendMessage({ ...ABOUT, kind: 'refunded' })
  await sandbox.control.moveClock({ advanceMs: 3 * 60 * 60_000 })
  expect(await platform.sendMessage({ ...ABOUT, kind: 'refunded' })).toEqual({ kind: 'delivered' })
})

test('goods are told once WeChat knows the payment, and telling them again is success', async () => {
  const merchant = new Merchant(sandbox)
  await merchant.buy({ out_trade_no: 'SHIP-0001' })
  const transactionId = sandbox.control.trade('SHIP-0001').transactions[0]?.transactionId ?? ''
  const info = {
    transactionId,
    payerOpenid: 'openid-alice',
    goods: '手冲咖啡豆 等2种商品',
    carrier: '顺丰速运',
    trackingNo: 'SF1234567890',
    receiverPhone: '13800138000',
    shippedAt: START,
  }
  expect(await platform.uploadShipping(info)).toEqual({ kind: 'notYet', code: '10060001' })
  await sandbox.control.moveClock({ advanceMs: 10_000 })
  expect(await platform.uploadShipping(info)).toEqual({ kind: 'delivered' })
  expect(await platform.uploadShipping(info)).toEqual({ kind: 'delivered' })
  expect(sandbox.control.shipments('SHIP-0001').shipments).toMatchObject([{ finishCount: 1 }])
  const other = { ...info, payerOpenid: 'openid-bob' }
  expect(await platform.uploadShipping(other)).toEqual({ kind: 'refused', code: '10060031' })
})
