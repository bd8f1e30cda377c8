/** @module Handshakes are what a call costs most: they are counted here, where their number cannot depend on the machine. */
import net from 'node:net'
import { createWxpayV2, createWxpayV3 } from 'wxpay-core'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import {
  anOrder,
  apiV3Key,
  appid,
  aRefundOrder,
  fixture,
  mchid,
  merchantSerialNo,
  noon,
  publicKeyId,
  v2Key,
} from './fixtures.ts'
import { authorizationIn, isSignedByMerchant } from './v3-merchant.ts'
import { anAcceptedRefund, answerV3, v2Head, v2Signed } from './wechat-side.ts'

const identity = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }
const ca = fixture('authority.cert.pem')
const open: { destroy(): void }[] = []

afterEach(async () => {
  jest.restoreAllMocks()
  for (const client of open.splice(0)) client.destroy()
  await closeServers()
})

function v2Client(wechat: FakeWechat) {
  const client = createWxpayV2({
    appid,
    mchid,
    key: v2Key,
    ...identity,
    baseUrl: wechat.url,
    ca,
    clock: () => noon,
  })
  open.push(client)
  return client
}

function v3Client(wechat: FakeWechat) {
  const client = createWxpayV3({
    appid,
    mchid,
    apiV3Key,
    privateKeyPem: identity.keyPem,
    certificatePem: identity.certPem,
    publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
    baseUrl: wechat.url,
    ca,
    clock: () => noon,
  })
  open.push(client)
  return client
}

const prepaidV2 = v2Signed({ ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx1' })

test('thirty v3 calls in a row make one handshake', async () => {
  const wechat = await startFakeWechat()
  wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
  const wxpay = v3Client(wechat)
  for (let call = 0; call < 30; call += 1) await wxpay.prepay(anOrder)
  expect(wechat.received).toHaveLength(30)
  expect(wechat.handshakes()).toBe(1)
})

test('v2 makes one without the certificate and one with it, and shows it nowhere else', async () => {
  const wechat = await startFakeWechat({ mutual: true })
  wechat.answer((request, response) => {
    response.end(request.path === '/secapi/pay/refund' ? v2Signed(anAcceptedRefund) : prepaidV2)
  })
  const wxpay = v2Client(wechat)
  for (let call = 0; call < 10; call += 1) await wxpay.refund(aRefundOrder)
  expect(wechat.handshakes()).toBe(1)
  expect(wechat.shown()).toEqual([merchantSerialNo])

  const plain = await startFakeWechat()
  plain.answer((_, response) => response.end(prepaidV2))
  const other = v2Client(plain)
  for (let call = 0; call < 10; call += 1) await other.prepay(anOrder)
  expect(plain.handshakes()).toBe(1)
})

test('calls that come together need one each, and those that follow none', async () => {
  const wechat = await startFakeWechat()
  wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
  const wxpay = v3Client(wechat)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 8 }, () => wxpay.prepay(anOrder)))
  }
  expect(wechat.received).toHaveLength(24)
  expect(wechat.handshakes()).toBe(8)
  expect(new Set(wechat.received.map(({ headers }) => headers.authorization)).size).toBe(24)
  for (const { method, path, headers, body } of wechat.received) {
    const { timestamp, nonce_str, signature = '' } = authorizationIn(headers.authorization)
    const message = `${method}\n${path}\n${timestamp}\n${nonce_str}\n${body}\n`
    expect(isSignedByMerchant(message, signature)).toBe(true)
  }
})

test('a burst finds every connection of the one before it', async () => {
  const wechat = await startFakeWechat()
  const held: (() => void)[] = []
  // Nobody is answered before all are there, so each needs a connection of its own.
  wechat.answer((_, response) => {
    held.push(() => answerV3(response, 200, '{"prepay_id":"wx1"}'))
    if (held.length === 40) for (const answer of held.splice(0)) answer()
  })
  const wxpay = v3Client(wechat)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 40 }, () => wxpay.prepay(anOrder)))
  }
  expect(wechat.received).toHaveLength(120)
  expect(wechat.handshakes()).toBe(40)
})

// The one timer that can end an idle connection of ours is the socket's own; its length is what matters.
test.each([
  ['nothing', undefined, 55_000],
  ['a minute', 'timeout=60', 55_000],
  ['half a minute', 'timeout=30, max=1000', 29_000],
])(
  'a server that announces %s finds the connection kept for that long: 20 s of silence cost no handshake',
  async (_, header, ms) => {
    const wechat = await startFakeWechat()
    wechat.answer((_request, response) => {
      if (header !== undefined) response.setHeader('Keep-Alive', header)
      answerV3(response, 200, '{"prepay_id":"wx1"}')
    })
    const wxpay = v3Client(wechat)
    const limits = jest.spyOn(net.Socket.prototype, 'setTimeout')
    await wxpay.prepay(anOrder)
    await wxpay.prepay(anOrder)
    expect(
      limits.mock.calls.map(([limit]) => limit).filter((limit) => limit > 0 && limit !== 120_000),
    ).toEqual([ms])
    expect(wechat.handshakes()).toBe(1)
  },
)

test('a server that is about to close is not asked again on that connection', async () => {
  const wechat = await startFakeWechat()
  wechat.answer((_, response) => {
    response.setHeader('Keep-Alive', 'timeout=1')
    answerV3(response, 200, '{"prepay_id":"wx1"}')
  })
  const wxpay = v3Client(wechat)
  await wxpay.prepay(anOrder)
  await wxpay.prepay(anOrder)
  expect(wechat.handshakes()).toBe(2)
})
