import { generateKeyPairSync } from 'node:crypto'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, START } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
const time = { now: START }

beforeAll(async () => {
  sandbox = await aSandbox({ time })
  merchant = new Merchant(sandbox, () => time.now)
})
afterAll(cleanUp)

const asAlice = { openid: 'openid-alice', action: 'pay' }
const state = (outTradeNo: string) => sandbox.control.trade(outTradeNo).state

test('the sheet shows payee, goods and amount before anything is paid', async () => {
  const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'SHEET-01' }))
  expect(sandbox.control.openCashier({ ...parameters, openid: 'openid-alice' })).toEqual({
    errMsg: 'requestPayment:ok',
    payee: '沙箱商户',
    description: '一杯咖啡',
    amountFen: 1999,
    currency: 'CNY',
    outTradeNo: 'SHEET-01',
    state: 'NOTPAY',
  })
  expect(state('SHEET-01')).toBe('NOTPAY')
})

test('cancel and fail leave the order unpaid and payable', async () => {
  const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'CANCEL-1' }))
  const act = (action: string) => sandbox.control.cashier({ ...parameters, openid: 'openid-alice', action })
  expect(act('cancel')).toEqual({ errMsg: 'requestPayment:fail cancel' })
  expect(act('fail').errMsg).toMatch(/^requestPayment:fail (?!cancel)/)
  expect(state('CANCEL-1')).toBe('NOTPAY')
  expect(sandbox.control.notifications({ outTradeNo: 'CANCEL-1' }).notifications).toEqual([])
  expect(act('pay')).toEqual({ errMsg: 'requestPayment:ok' })
  expect(state('CANCEL-1')).toBe('SUCCESS')
  expect(act('pay')).toEqual({ errMsg: 'requestPayment:fail 该订单已支付' })
  expect(sandbox.control.trade('CANCEL-1').transactions).toHaveLength(1)
})

describe('a paySign that is not right is refused by the client', () => {
  const refused = { errMsg: 'requestPayment:fail 支付验证签名失败' }

  test('v3: any changed member, another key, another signType', async () => {
    const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'PAYSIGN-3' }))
    const other = await merchant.prepay({ out_trade_no: 'PAYSIGN-4' })
    const stranger = Object.assign(new Merchant(sandbox), {
      key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    })
    const prepayId = parameters.package?.slice('prepay_id='.length) ?? ''
    for (const wrong of [
      { ...parameters, timeStamp: '1795312801' },
      { ...parameters, timeStamp: 'now' },
      { ...parameters, nonceStr: 'other' },
      { ...parameters, package: `prepay_id=${other}` },
      { ...parameters, paySign: 'AAAA' },
      { ...parameters, signType: 'MD5' },
      stranger.payParameters(prepayId),
      merchant.payParametersV2(prepayId, 'MD5'),
      merchant.payParametersV2(prepayId, 'HMAC-SHA256'),
    ]) {
      expect(sandbox.control.cashier({ ...wrong, ...asAlice })).toEqual(refused)
      expect(sandbox.control.openCashier({ ...wrong, openid: 'openid-alice' })).toEqual(refused)
    }
    expect(state('PAYSIGN-3')).toBe('NOTPAY')
    expect(sandbox.control.cashier({ ...parameters, ...asAlice })).toEqual({ errMsg: 'requestPayment:ok' })
  })

  test.each([
    ['MD5', 'HMAC-SHA256'],
    ['HMAC-SHA256', 'MD5'],
  ] as const)('v2: an order of %s is not paid with %s', async (right, wrong) => {
    const order = merchant.orderV2({ out_trade_no: `PAYSIGN-${right}` })
    const { fields } = await merchant.v2('/pay/unifiedorder', order, right)
    const prepayId = fields.prepay_id ?? ''
    for (const parameters of [
      merchant.payParametersV2(prepayId, wrong),
      merchant.payParameters(prepayId),
      { ...merchant.payParametersV2(prepayId, right), nonceStr: 'other' },
    ]) {
      expect(sandbox.control.cashier({ ...parameters, ...asAlice })).toEqual(refused)
    }
    const parameters = merchant.payParametersV2(prepayId, right)
    expect(sandbox.control.cashier({ ...parameters, ...asAlice })).toEqual({ errMsg: 'requestPayment:ok' })
  })
})

test('a parameter that is missing or no string is named as the client does', async () => {
  const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'PARAM-01' }))
  const { timeStamp: _gone, ...rest } = parameters
  expect(sandbox.control.cashier({ ...rest, ...asAlice }).errMsg).toBe(
    'requestPayment:fail parameter error: parameter.timeStamp should be String instead of Undefined;',
  )
  expect(sandbox.control.cashier({ ...parameters, timeStamp: 1, ...asAlice }).errMsg).toContain(
    'instead of Number',
  )
})

test('a prepay_id nobody gave out, and a payer who did not order', async () => {
  const unknown = merchant.payParameters('wx000')
  expect(sandbox.control.cashier({ ...unknown, ...asAlice })).toEqual({
    errMsg: 'requestPayment:fail prepay_id无效',
  })
  const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'WHOSE-02' }))
  expect(sandbox.control.cashier({ ...parameters, openid: 'openid-bob', action: 'pay' })).toEqual({
    errMsg: 'requestPayment:fail 当前支付用户与下单用户不一致',
  })
  expect(state('WHOSE-02')).toBe('NOTPAY')
})

test('a closed order can not be paid', async () => {
  const parameters = merchant.payParameters(await merchant.prepay({ out_trade_no: 'CLOSED-1' }))
  await merchant.close('CLOSED-1')
  expect(sandbox.control.cashier({ ...parameters, ...asAlice })).toEqual({
    errMsg: 'requestPayment:fail 订单已关闭',
  })
  expect(sandbox.control.openCashier({ ...parameters, openid: 'openid-alice' })).toMatchObject({
    errMsg: 'requestPayment:fail 订单已关闭',
    state: 'CLOSED',
  })
})

test('an order stops being payable at time_expire, a prepay_id after two hours, an order after seven days', async () => {
  const expiring = merchant.payParameters(
    await merchant.prepay({ out_trade_no: 'EXPIRE-1', time_expire: '2026-11-22T10:15:00+08:00' }),
  )
  const first = merchant.payParameters(await merchant.prepay({ out_trade_no: 'EXPIRE-2' }))
  const seventh = merchant.payParameters(await merchant.prepay({ out_trade_no: 'EXPIRE-3' }))
  await sandbox.control.moveClock({ to: '2026-11-22T10:15:00+08:00' })
  expect(sandbox.control.cashier({ ...expiring, ...asAlice })).toEqual({
    errMsg: 'requestPayment:fail 订单已过期，请重新下单',
  })
  const again = await merchant.v3(
    'POST',
    '/v3/pay/transactions/jsapi',
    merchant.order({ out_trade_no: 'EXPIRE-1', time_expire: '2026-11-22T10:15:00+08:00' }),
  )
  expect(JSON.parse(again.body)).toMatchObject({ code: 'INVALID_REQUEST' })
  expect(again.headers['request-id']).toMatch(/-268447914$/)
  await sandbox.control.moveClock({ to: '2026-11-22T12:00:00+08:00' })
  expect(sandbox.control.cashier({ ...first, ...asAlice })).toEqual({
    errMsg: 'requestPayment:fail prepay_id已过期',
  })
  const fresh = merchant.payParameters(await merchant.prepay({ out_trade_no: 'EXPIRE-2' }))
  expect(sandbox.control.cashier({ ...fresh, ...asAlice })).toEqual({ errMsg: 'requestPayment:ok' })
  await sandbox.control.moveClock({ to: '2026-11-29T09:59:59+08:00' })
  expect(state('EXPIRE-3')).toBe('NOTPAY')
  await sandbox.control.moveClock({ advanceMs: 1_000 })
  expect(state('EXPIRE-3')).toBe('CLOSED')
  expect(sandbox.control.cashier({ ...seventh, ...asAlice }).errMsg).toBe('requestPayment:fail 订单已关闭')
  expect(state('EXPIRE-2')).toBe('SUCCESS')
})

test('every prepay_id of one order can be paid, the first of eleven as well as the last', async () => {
  const ids: string[] = []
  for (let call = 0; call < 11; call++) ids.push(await merchant.prepay({ out_trade_no: 'AGAIN-11' }))
  const open = (id: string) =>
    sandbox.control.openCashier({ ...merchant.payParameters(id), openid: 'openid-alice' }).errMsg
  expect(new Set(ids.map(open))).toEqual(new Set(['requestPayment:ok']))
})

describe('the books', () => {
  test('a payment moves exactly its amount; a day later it is settled; every cause sums to zero', async () => {
    const shop = await aSandbox({ time: { now: START }, feeBasisPoints: 60 })
    const books = new Merchant(shop)
    await books.buy({ out_trade_no: 'BOOKS-001' })
    await books.buyV2({ out_trade_no: 'BOOKS-002', total_fee: '1' })
    await shop.control.moveClock({ advanceMs: 24 * 3_600_000 })
    const { entries, nextAfter } = shop.control.ledger({})
    const { mchid } = shop.info
    const [first, second] = ['BOOKS-001', 'BOOKS-002'].map(
      (number) => shop.control.trade(number).transactions[0]?.transactionId,
    )
    expect(entries.map(({ seq, cause, account, fen }) => [seq, cause, account, fen])).toEqual([
      [1, 'wallet:openid-alice', 'outside:banks', -100_000_000],
      [2, 'wallet:openid-alice', 'payer:openid-alice', 100_000_000],
      [3, `payment:${first}`, 'payer:openid-alice', -1999],
      [4, `payment:${first}`, `merchant:${mchid}:pending`, 1999],
      [5, `payment:${second}`, 'payer:openid-alice', -1],
      [6, `payment:${second}`, `merchant:${mchid}:pending`, 1],
      [7, `settlement:${first}`, `merchant:${mchid}:pending`, -1999],
      [8, `settlement:${first}`, `merchant:${mchid}:available`, 1987],
      [9, `settlement:${first}`, 'wechatpay:fees', 12],
      [10, `settlement:${second}`, `merchant:${mchid}:pending`, -1],
      [11, `settlement:${second}`, `merchant:${mchid}:available`, 1],
    ])
    expect(entries[2]).toMatchObject({
      at: '2026-11-22T02:00:00.000Z',
      outTradeNo: 'BOOKS-001',
      transactionId: first,
    })
    expect(nextAfter).toBe(11)
    expect(shop.control.ledger({ after: 9 }).entries.map(({ seq }) => seq)).toEqual([10, 11])
    expect(shop.control.ledger({ after: '11' })).toEqual({ entries: [], nextAfter: 11 })
    const causes = new Map<string, number>()
    for (const { cause, fen } of entries) causes.set(cause, (causes.get(cause) ?? 0) + fen)
    expect([...causes.values()]).toEqual([0, 0, 0, 0, 0])
  })

  test('a wallet pays what it has and not a fen more', async () => {
    const rich = await merchant.buy({
      out_trade_no: 'RICH-0001',
      payer: { openid: 'openid-alice' },
      amount: { total: 99_990_000 },
    })
    expect(rich).toEqual({ errMsg: 'requestPayment:ok' })
    const entriesBefore = sandbox.control.ledger({}).nextAfter
    const poor = await merchant.buy({ out_trade_no: 'POOR-0001', amount: { total: 10_000_000 } })
    expect(poor).toEqual({ errMsg: 'requestPayment:fail 余额不足' })
    expect(state('POOR-0001')).toBe('NOTPAY')
    expect(sandbox.control.ledger({}).nextAfter).toBe(entriesBefore)
  })
})
