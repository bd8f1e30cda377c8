import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import {
  acknowledge,
  createNotificationReader,
  createWxpayV2,
  createWxpayV3,
  type NotificationReader,
  type RefundNotification,
  type WxpayClient,
  type WxpayV3Client,
} from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { portOf } from './fake-wechat.ts'

// The sandbox was written from the same documents by other hands and shares no line with this package: where the two
// agree, both have read alike.
let sandbox: Sandbox
let v3: WxpayV3Client
let v2: WxpayClient
let reader: NotificationReader
let server: Server
let notifyUrl = ''
let news: RefundNotification[] = []
const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-core-test-'))

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const input = { headers: request.headers, body: Buffer.concat(chunks) }
    const isRefund = request.url === '/refund'
    const notification = isRefund ? await reader.openRefund(input) : await reader.openPayment(input)
    if ('refund' in notification) news.push(notification)
    const answer = notification.api === 'v2' ? acknowledge.v2Success() : acknowledge.v3Success()
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  notifyUrl = `http://127.0.0.1:${portOf(server.address())}/refund`
  sandbox = await startSandbox({ dataDir, merchantRefundUrl: notifyUrl })
  const { appid, mchid, v2Key, v3Key, baseUrl, certFile, keyFile, publicKeyId, publicKeyFile } = sandbox.info
  const [certPem, keyPem] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  const connection = { appid, mchid, baseUrl, ca: sandbox.caPem }
  v2 = createWxpayV2({ ...connection, key: v2Key, certPem, keyPem })
  v3 = createWxpayV3({
    ...connection,
    apiV3Key: v3Key,
    privateKeyPem: keyPem,
    certificatePem: certPem,
    publicKey: { id: publicKeyId, pem: readFileSync(publicKeyFile, 'utf8') },
  })
  reader = createNotificationReader({
    appid,
    mchid,
    v2: { key: v2Key },
    v3: { apiV3Key: v3Key, verifier: v3.verifier },
  })
})

beforeEach(() => {
  news = []
})

afterAll(async () => {
  v2?.destroy()
  v3?.destroy()
  await sandbox?.close()
  server?.closeAllConnections()
  server?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function buy(wxpay: WxpayClient, outTradeNo: string): Promise<string> {
  const { prepayId } = await wxpay.prepay({
    outTradeNo,
    description: '一杯咖啡',
    totalFen: 1_999,
    payerOpenid: 'openid-alice',
    notifyUrl: notifyUrl.replace(/refund$/, 'payment'),
    payerClientIp: '127.0.0.1',
  })
  const params = wxpay.paymentParams(prepayId)
  await sandbox.control.cashier({ ...params, openid: 'openid-alice', action: 'pay' })
  const trade = await wxpay.queryByOutTradeNo(outTradeNo)
  return trade?.transactionId ?? ''
}

describe.each([
  ['v3', () => v3],
  ['v2', () => v2],
] as const)('%s', (api, client) => {
  test('a part goes back: accepted, on its way, arrived, told', async () => {
    const wxpay = client()
    const outTradeNo = `order-${api}-1`
    const transactionId = await buy(wxpay, outTradeNo)
    const outRefundNo = `refund-${api}-1|*@`
    expect(await wxpay.queryRefund(outRefundNo)).toBeNull()
    const order = {
      outRefundNo,
      transactionId,
      outTradeNo,
      refundFen: 999,
      totalFen: 1_999,
      reason: '杯子 & 碟子 ]]> 碎了',
      notifyUrl,
    }
    const accepted = await wxpay.refund(order)
    expect(accepted).toMatchObject({ outRefundNo, transactionId, status: 'PROCESSING', refundFen: 999 })
    expect((await wxpay.refund(order)).refundId).toBe(accepted.refundId)
    await sandbox.control.moveClock({ advanceMs: 60_000 })
    const arrived = await wxpay.queryRefund(outRefundNo, transactionId)
    expect(arrived).toMatchObject({
      refundId: accepted.refundId,
      outTradeNo,
      status: 'SUCCESS',
      refundFen: 999,
      totalFen: 1_999,
      successAt: expect.any(Number),
      receivedAccount: '支付用户零钱',
      channel: 'ORIGINAL',
    })
    expect(news).toMatchObject([
      {
        api,
        verified: api === 'v3',
        refund: { outRefundNo, transactionId, status: 'SUCCESS', refundFen: 999 },
      },
    ])
    const { channel: _, settlementRefundFen: _settlement, ...told } = arrived ?? {}
    expect(news[0]?.refund).toMatchObject(told)

    const other = await refusalOf(() => wxpay.refund({ ...order, refundFen: 998 }))
    expect(other).toMatchObject({ outcome: 'rejected', verified: api === 'v2' })
  })

  test('what a person starts in the merchant platform is told as v2 XML', async () => {
    const wxpay = client()
    const outTradeNo = `order-${api}-2`
    const transactionId = await buy(wxpay, outTradeNo)
    await sandbox.control.startRefund({ outTradeNo, amountFen: 500 })
    await sandbox.control.moveClock({ advanceMs: 60_000 })
    expect(news).toMatchObject([
      { api: 'v2', verified: false, refund: { transactionId, refundFen: 500, source: 'VENDOR_PLATFORM' } },
    ])
    expect(await wxpay.queryRefund(news[0]?.refund.outRefundNo ?? '')).toMatchObject({
      refundFen: 500,
      status: 'SUCCESS',
    })
  })

  test.each(['CLOSED', 'ABNORMAL'])(
    'what becomes %s is read so, from query and notification',
    async (status) => {
      const wxpay = client()
      const outTradeNo = `order-${api}-${status}`
      const transactionId = await buy(wxpay, outTradeNo)
      const outRefundNo = `refund-${api}-${status}`
      await wxpay.refund({ outRefundNo, transactionId, refundFen: 1_999, totalFen: 1_999, notifyUrl })
      await sandbox.control.settleRefund(outRefundNo, { status })
      await sandbox.control.moveClock({ advanceMs: 1_000 })
      expect(await wxpay.queryRefund(outRefundNo)).toMatchObject({ status })
      expect(news).toMatchObject([{ api, refund: { outRefundNo, status } }])
    },
  )
})

test('an abnormal refund goes to a card, whose number and name the other side can read', async () => {
  const transactionId = await buy(v3, 'order-v3-card')
  const outRefundNo = 'refund-v3-card'
  const order = { outRefundNo, transactionId, refundFen: 1_999, totalFen: 1_999, notifyUrl }
  const { refundId } = await v3.refund(order)
  const toCard = {
    refundId,
    outRefundNo,
    to: 'userBankCard',
    bankType: 'ICBC_DEBIT',
    bankAccount: '6222021234567890123',
    realName: '张三丰',
  } as const
  // Only a refund that is ABNORMAL can be sent on.
  expect(await refusalOf(() => v3.applyAbnormalRefund(toCard))).toMatchObject({ outcome: 'rejected' })
  await sandbox.control.settleRefund(outRefundNo, { status: 'ABNORMAL' })
  expect(await v3.applyAbnormalRefund(toCard)).toMatchObject({ outRefundNo, status: 'PROCESSING' })
  await sandbox.control.moveClock({ advanceMs: 60_000 })
  expect(await v3.queryRefund(outRefundNo)).toMatchObject({ status: 'SUCCESS' })
})
