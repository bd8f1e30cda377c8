import { connect } from 'node:tls'
import fc from 'fast-check'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, send } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
const broken: string[] = []

beforeAll(async () => {
  sandbox = await aSandbox({
    log: (event) => {
      if (event.endsWith('.failed')) broken.push(event)
    },
  })
  merchant = new Merchant(sandbox)
})
afterEach(async () => {
  // Still there, still right, and nothing reached the last line of defence.
  await merchant.prepay({ out_trade_no: 'ALIVE-001' })
  expect(broken.splice(0)).toEqual([])
})
afterAll(cleanUp)

function raw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const port = Number(new URL(sandbox.info.baseUrl).port)
    const socket = connect({ host: '127.0.0.1', port, ca: sandbox.caPem }, () => socket.write(bytes))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      socket.end()
    })
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
  })
}

test('bytes that are no HTTP, and headers without end', async () => {
  expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
  expect(await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/)
  expect(await raw('GET http://[::bad/ HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1.1 404/)
  expect(await raw('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1.1 404/)
})

test('a body longer than is ever read is refused without being read', async () => {
  const long = 'x'.repeat(300 * 1024)
  const answer = await merchant.v3('POST', '/v3/pay/transactions/jsapi', long)
  expect(answer.status).toBe(413)
})

test('whatever JSON a correctly signed request holds, the answer is a refusal in WeChat’s form', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (body) => {
      const answer = await merchant.v3('POST', '/v3/pay/transactions/jsapi', body)
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'PARAM_ERROR' })
    }),
    { numRuns: 50, seed: 1 },
  )
})

test('one member of an order replaced by anything is taken or refused, never a crash', async () => {
  const names = Object.keys(merchant.order())
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
      const order = merchant.order({ out_trade_no: 'FUZZ-0001', [name]: value })
      const { status } = await merchant.v3('POST', '/v3/pay/transactions/jsapi', order)
      expect([200, 400]).toContain(status)
    }),
    { numRuns: 50, seed: 2 },
  )
})

test('one member of a refund replaced by anything is taken or refused, never a crash', async () => {
  await merchant.buy({ out_trade_no: 'FUZZ-0002' })
  const path = '/v3/refund/domestic/refunds'
  const names = [
    'out_trade_no',
    'transaction_id',
    'out_refund_no',
    'reason',
    'notify_url',
    'amount',
    'goods_detail',
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
      const body = merchant.refundOf('FUZZ-0002', { out_refund_no: 'FUZZ-R', [name]: value })
      const { status } = await merchant.v3('POST', path, body)
      expect([200, 400, 404]).toContain(status)
    }),
    { numRuns: 50, seed: 3 },
  )
  await fc.assert(
    fc.asyncProperty(fc.json(), async (body) => {
      const answer = await merchant.v3(
        'POST',
        `${path}/50300000000000000000000000000/apply-abnormal-refund`,
        body,
      )
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([400, 'PARAM_ERROR'])
    }),
    { numRuns: 30, seed: 4 },
  )
})

test('whatever JSON the platform calls get, the answer is an errcode', async () => {
  const post = async (path: string, body: string) =>
    JSON.parse(
      (await send(`${sandbox.info.apiBaseUrl}${path}`, { method: 'POST', ca: sandbox.caPem, body })).body,
    )
  const { appid, appSecret: secret } = sandbox.info
  const credentials = JSON.stringify({ grant_type: 'client_credential', appid, secret })
  const { access_token: token } = await post('/cgi-bin/stable_token', credentials)
  const shipping = {
    order_key: { order_number_type: 2, transaction_id: '1' },
    logistics_type: 1,
    delivery_mode: 1,
    shipping_list: [{ tracking_no: '1', express_company: 'YTO', item_desc: '咖啡' }],
    upload_time: '2026-11-22T10:00:10.120+08:00',
    payer: { openid: 'openid-alice' },
  }
  const paths = [
    '/cgi-bin/stable_token',
    '/cgi-bin/message/subscribe/send',
    '/wxa/sec/order/upload_shipping_info',
    '/wxa/sec/order/get_order',
    '/wxa/sec/order/is_trade_managed',
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.json(), async (path, body) => {
      expect((await post(`${path}?access_token=${token}`, body)).errcode).toBeGreaterThan(40_000)
    }),
    { numRuns: 60, seed: 5 },
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(shipping)), fc.jsonValue(), async (name, value) => {
      const body = JSON.stringify({ ...shipping, [name]: value })
      const { errcode } = await post(`/wxa/sec/order/upload_shipping_info?access_token=${token}`, body)
      expect(errcode).toBeGreaterThan(40_000)
    }),
    { numRuns: 60, seed: 6 },
  )
})

test('whatever bytes are posted as v2, the answer is 200 with a FAIL', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { status, fields } = await merchant.postXml('/pay/unifiedorder', Buffer.from(bytes))
      expect([status, fields.return_code]).toEqual([200, 'FAIL'])
    }),
    { numRuns: 50, seed: 3 },
  )
})

test('a well-formed v2 document cut anywhere is refused', async () => {
  const order = merchant.orderV2({ out_trade_no: 'CUT' })
  const members = { ...order, sign: merchant.signV2(order, 'MD5') }
  const xml = `<xml>${Object.entries(members)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</xml>`
  for (let end = 1; end < xml.length; end += 7) {
    const { fields } = await merchant.postXml('/pay/unifiedorder', xml.slice(0, end))
    expect(fields.return_msg).toBe('XML格式错误')
  }
  expect((await merchant.postXml('/pay/unifiedorder', xml)).fields.result_code).toBe('SUCCESS')
})

test('odd signatures and Authorization headers are refused, not choked on', async () => {
  for (const signature of ['', '=', '%%%', 'A', 'é', 'A'.repeat(4_000), 'WECHATPAY/SIGNTEST/x']) {
    const authorization = `WECHATPAY2-SHA256-RSA2048 mchid="${sandbox.info.mchid}",nonce_str="n",signature="${signature}",timestamp="1795312800",serial_no="${sandbox.info.serialNo}"`
    const answer = await merchant.v3('GET', '/v3/certificates', undefined, { authorization })
    expect(answer.status).toBe(401)
  }
})

test('control calls with anything in them are refused as JSON', async () => {
  const headers = { Authorization: `Bearer ${sandbox.info.controlToken}` }
  const paths = ['/code', '/cashier', '/cashier/open', '/clock', '/faults', '/notifications/forge']
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.json(), async (path, body) => {
      const answer = await send(`${sandbox.info.controlUrl}${path}`, { method: 'POST', headers, body })
      expect(answer.status).toBe(400)
      expect(typeof JSON.parse(answer.body).error.message).toBe('string')
    }),
    { numRuns: 60, seed: 4 },
  )
})

test('whatever a bill is asked for with, the answer is a bill or a refusal', async () => {
  const { mchid, appid } = sandbox.info
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('bill_date', 'bill_type', 'tar_type', 'account_type', 'token'),
      fc.string({ unit: 'binary', maxLength: 40 }),
      async (name, value) => {
        const query = `${name}=${encodeURIComponent(value)}`
        for (const path of ['/v3/bill/tradebill', '/v3/bill/fundflowbill', '/v3/billdownload/file']) {
          const { status } = await merchant.v3('GET', `${path}?bill_date=2026-11-21&${query}`)
          expect(status).toBe(400)
        }
        const asked = { appid, mch_id: mchid, nonce_str: 'n', bill_date: '20261121', [name]: value }
        const { status, fields } = await merchant.v2('/pay/downloadbill', asked)
        expect([status, fields.return_code]).toEqual([200, 'FAIL'])
      },
    ),
    { numRuns: 30, seed: 5 },
  )
})

test('whatever was sent, the console can show it and say what is wrong with its signature', async () => {
  const { controlUrl } = sandbox.info
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/v3/pay/transactions/jsapi', '/pay/unifiedorder', '/secapi/pay/refund'),
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 60 }).filter((text) => /^[\x20-\x7e]*$/.test(text)),
      async (path, body, authorization) => {
        await send(`${sandbox.info.baseUrl}${path}`, {
          method: 'POST',
          ca: sandbox.caPem,
          headers: { Authorization: authorization },
          body: Buffer.from(body),
        })
        const { requests } = JSON.parse((await send(`${controlUrl}/console/state`)).body)
        const shown = await send(`${controlUrl}/console/requests/${requests[0].id}`)
        expect(shown.status).toBe(200)
        expect(JSON.parse(shown.body).signature.finding).not.toBe('')
      },
    ),
    { numRuns: 60, seed: 6 },
  )
})
