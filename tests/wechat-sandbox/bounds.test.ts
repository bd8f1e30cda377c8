/** What happens when there is too much of something, with bounds that a test can reach. */
import type { Sandbox } from 'wechat-sandbox'
import type * as tables from '../../packages/wechat-sandbox/src/state/tables.ts'
import { aSandbox, cleanUp, Merchant, START, send } from './merchant.ts'

const { BOUNDS } = jest.requireActual<typeof tables>('../../packages/wechat-sandbox/src/state/tables.ts')
const REAL = { ...BOUNDS }

afterEach(() => {
  Object.assign(BOUNDS, REAL)
})
afterAll(cleanUp)

const bounded = async (bounds: Partial<Record<keyof typeof BOUNDS, number>>) => {
  Object.assign(BOUNDS, bounds)
  const sandbox = await aSandbox()
  return { sandbox, merchant: new Merchant(sandbox) }
}
const code = ({ status, body }: { status: number; body: string }) => [status, JSON.parse(body).code]

test('beyond the last order a new one is 429 under both protocols, and the others go on', async () => {
  const { merchant } = await bounded({ trades: 2 })
  await merchant.prepay({ out_trade_no: 'FIRST-001' })
  await merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: 'SECOND-01' }))
  const third = merchant.order({ out_trade_no: 'THIRD-001' })
  expect(code(await merchant.v3('POST', '/v3/pay/transactions/jsapi', third))).toEqual([
    429,
    'FREQUENCY_LIMITED',
  ])
  const v2 = await merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: 'THIRD-001' }))
  expect(v2.fields.err_code).toBe('FREQUENCY_LIMITED')
  expect((await merchant.query('THIRD-001')).status).toBe(404)
  expect(await merchant.buy({ out_trade_no: 'FIRST-001' })).toEqual({ errMsg: 'requestPayment:ok' })
})

test('beyond the last refund a new one is 429 under both protocols, and the others can be asked about', async () => {
  const { merchant } = await bounded({ refunds: 1 })
  await merchant.buy({ out_trade_no: 'FIRST-001' })
  await merchant.buy({ out_trade_no: 'SECOND-01' })
  expect((await merchant.refund('FIRST-001')).status).toBe(200)
  expect(code(await merchant.refund('SECOND-01'))).toEqual([429, 'FREQUENCY_LIMITED'])
  const v2 = await merchant.refundV2({ out_trade_no: 'SECOND-01', out_refund_no: 'R2' })
  expect(v2.fields.err_code).toBe('FREQUENCY_LIMITED')
  expect((await merchant.refund('FIRST-001')).status).toBe(200)
  expect((await merchant.queryRefund('R-SECOND-01')).status).toBe(404)
})

test('every prepay_id of a trade pays while it lives; beyond the last one 429 under both protocols', async () => {
  Object.assign(BOUNDS, { prepays: 3 })
  const time = { now: START }
  const sandbox = await aSandbox({ time })
  const merchant = new Merchant(sandbox, () => time.now)
  const order = merchant.order({ out_trade_no: 'TAPPED-01' })
  const ids: string[] = []
  for (let tap = 0; tap < 3; tap++) ids.push(await merchant.prepay(order))
  expect(code(await merchant.v3('POST', '/v3/pay/transactions/jsapi', order))).toEqual([
    429,
    'FREQUENCY_LIMITED',
  ])
  const orderV2 = merchant.orderV2({ out_trade_no: 'TAPPED-02' })
  const taps: (string | undefined)[] = []
  for (let tap = 0; tap < 4; tap++)
    taps.push((await merchant.v2('/pay/unifiedorder', orderV2)).fields.err_code)
  expect(taps).toEqual([undefined, undefined, undefined, 'FREQUENCY_LIMITED'])

  time.now += 2 * 60 * 60 * 1000
  const late = await merchant.prepay(order)
  const act = (id: string, action: string) =>
    sandbox.control.cashier({ ...merchant.payParameters(id), openid: 'openid-alice', action }).errMsg
  expect(ids.map((id) => act(id, 'pay'))).toEqual(
    Array.from({ length: 3 }, () => 'requestPayment:fail prepay_id无效'),
  )
  expect(act(late, 'pay')).toBe('requestPayment:ok')
})

test('a nonce is remembered until there are too many', async () => {
  const { merchant } = await bounded({ nonces: 2 })
  const ask = (nonce: string) => merchant.v3('GET', '/v3/certificates', undefined, { nonce })
  expect([(await ask('a')).status, (await ask('a')).status]).toEqual([200, 401])
  await ask('b')
  await ask('c')
  expect([(await ask('a')).status, (await ask('c')).status]).toEqual([200, 401])
})

describe('the platform', () => {
  const login = async ({ info, caPem }: Sandbox, code: string) => {
    const query = `appid=${info.appid}&secret=${info.appSecret}&js_code=${code}&grant_type=authorization_code`
    return JSON.parse((await send(`${info.apiBaseUrl}/sns/jscode2session?${query}`, { ca: caPem })).body)
  }

  test('of login codes the oldest goes', async () => {
    const { sandbox } = await bounded({ codes: 2 })
    const [first = '', second = '', third = ''] = ['a', 'b', 'c'].map(
      (openid) => sandbox.control.createCode({ openid }).code,
    )
    expect((await login(sandbox, first)).errcode).toBe(40029)
    expect([(await login(sandbox, second)).openid, (await login(sandbox, third)).openid]).toEqual(['b', 'c'])
  })

  test('of sent messages the oldest goes', async () => {
    const { sandbox } = await bounded({ messages: 2 })
    const { info, caPem, control } = sandbox
    const call = async (path: string, body: object) =>
      JSON.parse(
        (await send(`${info.apiBaseUrl}${path}`, { method: 'POST', ca: caPem, body: JSON.stringify(body) }))
          .body,
      )
    const credentials = { grant_type: 'client_credential', appid: info.appid, secret: info.appSecret }
    const { access_token: token } = await call('/cgi-bin/stable_token', credentials)
    control.subscribe({ openid: 'alice', templateId: 't', grants: 3 })
    for (const value of ['一', '二', '三'])
      await call(`/cgi-bin/message/subscribe/send?access_token=${token}`, {
        touser: 'alice',
        template_id: 't',
        data: { thing1: { value } },
      })
    expect(control.messages({}).messages.map(({ data }) => data.thing1)).toEqual(['二', '三'])
  })

  test('subscriptions, templates and faults are refused by name, known ones are not', async () => {
    const { control } = (await bounded({ subscriptions: 1, templates: 1, faults: 1 })).sandbox
    control.markTemplate({ templateId: 't1', isValid: false })
    expect(() => control.markTemplate({ templateId: 't2', isValid: false })).toThrow(
      'templates marked already',
    )
    expect(control.markTemplate({ templateId: 't1', isValid: true }).isValid).toBe(true)
    control.addFault({ fault: '500', rate: 0 })
    expect(() => control.addFault({ fault: '500' })).toThrow('faults already')
    control.subscribe({ openid: 'alice', templateId: 't1' })
    expect(() => control.subscribe({ openid: 'bob', templateId: 't1' })).toThrow('too many subscriptions')
    expect(control.subscribe({ openid: 'alice', templateId: 't1' }).grants).toBe(2)
  })
})
