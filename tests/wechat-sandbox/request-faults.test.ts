import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
let number = 0

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
beforeEach(() => {
  number += 1
})
afterAll(cleanUp)

const PREPAY = '/v3/pay/transactions/jsapi'
const outTradeNo = () => `FAULT-${String(number).padStart(3, '0')}`
const order = () => merchant.v3('POST', PREPAY, merchant.order({ out_trade_no: outTradeNo() }))
const orderV2 = () => merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: outTradeNo() }))
const fault = (name: string, more: object = {}) =>
  sandbox.control.addFault({ match: { outTradeNo: outTradeNo() }, fault: name, ...more })
const exists = () => {
  try {
    return sandbox.control.trade(outTradeNo()).outTradeNo === outTradeNo()
  } catch {
    return false
  }
}

describe.each([
  ['v3', order],
  ['v2', orderV2],
] as const)('%s', (protocol, place) => {
  test('drop-before: the connection ends and nothing happened', async () => {
    fault('drop-before')
    await expect(place()).rejects.toThrow()
    expect(exists()).toBe(false)
    expect((await place()).status).toBe(200)
  })

  test.each(['apply-then-drop', 'reset'])('%s: no whole answer, but it happened', async (name) => {
    fault(name)
    await expect(place()).rejects.toThrow()
    expect(exists()).toBe(true)
  })

  test('delay: late, and by default after it happened', async () => {
    fault('delay', { ms: 30 })
    expect((await place()).status).toBe(200)
    expect(exists()).toBe(true)
  })

  test.each([
    ['500', false],
    ['500', true],
    ['429', false],
    ['429', true],
  ])('%s, applied: %s', async (name, applied) => {
    fault(name, { applied })
    const answer = await place()
    if (protocol === 'v3') {
      expect(answer.status).toBe(Number(name))
      expect(JSON.parse(answer.body).code).toBe(name === '500' ? 'SYSTEM_ERROR' : 'FREQUENCY_LIMITED')
      expect(answer.headers['wechatpay-signature']).toBeUndefined()
    } else {
      expect(answer.status).toBe(200)
      expect(answer.body).toContain(name === '500' ? 'SYSTEMERROR' : 'FREQUENCY_LIMITED')
    }
    expect(exists()).toBe(applied)
  })
})

describe('spoilt signatures of answers that took effect', () => {
  test('v3: wrong, probing and missing', async () => {
    fault('wrong-signature')
    const wrong = await order()
    expect([wrong.status, merchant.isGenuine(wrong.headers, wrong.body)]).toEqual([200, false])
    fault('probe')
    const probe = await order()
    expect(String(probe.headers['wechatpay-signature'])).toMatch(/^WECHATPAY\/SIGNTEST\//)
    expect(probe.headers['wechatpay-serial']).toBe(sandbox.info.publicKeyId)
    fault('unsigned')
    const unsigned = await order()
    expect(Object.keys(unsigned.headers).filter((name) => name.startsWith('wechatpay'))).toEqual([])
    const good = await order()
    expect(merchant.isGenuine(good.headers, good.body)).toBe(true)
    expect(exists()).toBe(true)
  })

  test('v2: wrong and missing', async () => {
    fault('wrong-signature')
    const wrong = await orderV2()
    expect(wrong.fields.sign).not.toBe(merchant.signV2(wrong.fields, 'HMAC-SHA256'))
    fault('unsigned')
    expect((await orderV2()).fields.sign).toBeUndefined()
  })

  test("another order's body is genuinely signed", async () => {
    await order()
    fault('other-order-body')
    const answer = await merchant.query(outTradeNo())
    expect(merchant.isGenuine(answer.headers, answer.body)).toBe(true)
    expect(JSON.parse(answer.body).out_trade_no).not.toBe(outTradeNo())
    number += 1
    await orderV2()
    fault('other-order-body')
    const v2 = await merchant.queryV2(outTradeNo())
    expect(v2.fields.out_trade_no).toMatch(/^OTHER/)
    expect(v2.fields.sign).toBe(merchant.signV2(v2.fields, 'HMAC-SHA256'))
  })
})

describe('which requests a fault strikes', () => {
  test('once by default, as often as told, or standing', async () => {
    fault('500')
    expect([(await order()).status, (await order()).status]).toEqual([500, 200])
    fault('500', { times: 2 })
    expect([(await order()).status, (await order()).status, (await order()).status]).toEqual([500, 500, 200])
    const { id } = fault('500', { rate: 1 })
    expect([(await order()).status, (await order()).status]).toEqual([500, 500])
    expect(sandbox.control.faults().faults).toMatchObject([{ id, struck: 2, times: null }])
    sandbox.control.removeFault(id)
    expect((await order()).status).toBe(200)
    expect(() => sandbox.control.removeFault(id)).toThrow('no such fault')
  })

  test('by path, exactly or by its beginning, and by order', async () => {
    const { id: exact } = sandbox.control.addFault({ match: { path: PREPAY }, fault: '500', rate: 1 })
    expect((await order()).status).toBe(500)
    expect((await merchant.query('NOWHERE-1')).status).toBe(404)
    sandbox.control.removeFault(exact)
    const { id: prefix } = sandbox.control.addFault({ match: { path: '/v3/*' }, fault: '500', rate: 1 })
    expect((await merchant.query('NOWHERE-1')).status).toBe(500)
    expect((await merchant.queryV2('NOWHERE')).fields.err_code).toBe('ORDERNOTEXIST')
    sandbox.control.removeFault(prefix)
    const { id: byOrder } = fault('500', { rate: 1 })
    expect((await merchant.query('NOWHERE-1')).status).toBe(404)
    expect((await merchant.query(outTradeNo())).status).toBe(500)
    sandbox.control.removeFault(byOrder)
  })

  test('a rate strikes the same requests for the same seed', async () => {
    const strikes = async (seed: string) => {
      const { id } = fault('500', { rate: 0.5, seed })
      const statuses: number[] = []
      for (let i = 0; i < 12; i++) statuses.push((await order()).status)
      sandbox.control.removeFault(id)
      return statuses
    }
    const first = await strikes('a')
    expect(await strikes('a')).toEqual(first)
    expect(first).toContain(500)
    expect(first).toContain(200)
    expect(await strikes('b')).not.toEqual(first)
  })

  test('a forged request uses no fault up for the order it names unless it matches', async () => {
    fault('500', { match: { path: '/pay/orderquery' } })
    expect((await order()).status).toBe(200)
    expect((await merchant.queryV2('X')).fields.err_code).toBe('SYSTEMERROR')
  })

  test.each<[string, Record<string, unknown>]>([
    ['fault must be one of', { fault: 'explode' }],
    ['match must be', { fault: '500', match: { openid: 'x' } }],
    ['match.path', { fault: '500', match: { path: 'v3' } }],
    ['times', { fault: '500', times: 0 }],
    ['rate', { fault: '500', rate: 2 }],
    ['ms', { fault: 'delay', ms: -1 }],
    ['copies', { fault: 'duplicate-notification', copies: 1 }],
    ['amountFen', { fault: 'wrong-amount', amountFen: 0.5 }],
    ['is no member', { fault: '500', when: 'always' }],
  ])('a fault that makes no sense is refused: %s', (message, body) => {
    expect(() => sandbox.control.addFault(body)).toThrow(message)
  })
})

test('the api host shows faults too', async () => {
  const { send } = await import('./merchant.ts')
  sandbox.control.addFault({ match: { path: '/sns/jscode2session' }, fault: '500' })
  const { appid, appSecret, apiBaseUrl } = sandbox.info
  const { code } = sandbox.control.createCode({ openid: 'openid-alice' })
  const url = `${apiBaseUrl}/sns/jscode2session?appid=${appid}&secret=${appSecret}&js_code=${code}&grant_type=authorization_code`
  expect(JSON.parse((await send(url, { ca: sandbox.caPem })).body).errcode).toBe(-1)
  expect(JSON.parse((await send(url, { ca: sandbox.caPem })).body).openid).toBe('openid-alice')
})
