import { constants, createPublicKey, publicEncrypt, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, books, cleanUp, entriesOf, Merchant } from './merchant.ts'

afterAll(cleanUp)

const MINUTE = 60_000
const DAY = 86_400_000
const WALLET = 100_000_000

async function aMerchant(options: Parameters<typeof aSandbox>[0] = {}) {
  const sandbox = await aSandbox(options)
  const merchant = new Merchant(sandbox)
  const { mchid } = sandbox.info
  return {
    sandbox,
    merchant,
    advance: (ms: number) => sandbox.control.moveClock({ advanceMs: ms }),
    /** Fen of: payer, pending, available, transit, fees. */
    money: () => {
      const all = books(sandbox)
      return [
        'payer:openid-alice',
        `merchant:${mchid}:pending`,
        `merchant:${mchid}:available`,
        'wechatpay:refunds-in-transit',
        'wechatpay:fees',
      ].map((account) => all[account] ?? 0)
    },
    refund: async (outTradeNo: string, refund: number, outRefundNo: string, more: object = {}) => {
      const amount = { refund, total: 1999, currency: 'CNY' }
      const answer = await merchant.refund(outTradeNo, { out_refund_no: outRefundNo, amount, ...more })
      return { status: answer.status, ...JSON.parse(answer.body) }
    },
  }
}

const pending = (sandbox: Sandbox) => `merchant:${sandbox.info.mchid}:pending`

describe('where the money is', () => {
  test('unsettled: from pending into transit, then to the payer; what is left settles a day after the payment', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    expect(money()).toEqual([WALLET - 1999, 1999, 0, 0, 0])
    await refund('MONEY-01', 500, 'R1')
    expect(money()).toEqual([WALLET - 1999, 1499, 0, 500, 0])
    expect(entriesOf(sandbox, 'refund-accepted:R1')).toEqual({
      [pending(sandbox)]: -500,
      'wechatpay:refunds-in-transit': 500,
    })
    await advance(1_000)
    expect(money()).toEqual([WALLET - 1499, 1499, 0, 0, 0])
    expect(entriesOf(sandbox, 'refund:R1')).toEqual({
      'wechatpay:refunds-in-transit': -500,
      'payer:openid-alice': 500,
    })
    await advance(DAY)
    expect(money()).toEqual([WALLET - 1499, 0, 1499, 0, 0])
    const { entries } = sandbox.control.ledger({})
    const mine = entries.filter(({ outRefundNo }) => outRefundNo === 'R1')
    expect(mine.map(({ outTradeNo }) => outTradeNo)).toEqual(['MONEY-01', 'MONEY-01', 'MONEY-01', 'MONEY-01'])
  })

  test('settled: from available', async () => {
    const { merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    expect(money()).toEqual([WALLET - 1999, 0, 1999, 0, 0])
    expect(await refund('MONEY-01', 1999, 'R1')).toMatchObject({
      status: 'PROCESSING',
      funds_account: 'AVAILABLE',
    })
    await advance(1_000)
    expect(money()).toEqual([WALLET, 0, 0, 0, 0])
  })

  test('closed: all of it comes back, and is settled later if it was not yet', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant({ feeBasisPoints: 60 })
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await refund('MONEY-01', 1999, 'R1')
    sandbox.control.addFault({ fault: 'hold-refund' })
    sandbox.control.settleRefund('R1', { status: 'CLOSED' })
    expect(money()).toEqual([WALLET - 1999, 1999, 0, 0, 0])
    await advance(MINUTE)
    await refund('MONEY-01', 1000, 'R2')
    await advance(2 * DAY)
    expect(money()).toEqual([WALLET - 1999, 0, 993, 1000, 6])
    sandbox.control.settleRefund('R2', { status: 'CLOSED' })
    expect(money()).toEqual([WALLET - 1999, 1000, 993, 0, 6])
    await advance(DAY)
    expect(money()).toEqual([WALLET - 1999, 0, 1987, 0, 12])
  })

  test('abnormal: stays in transit', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await refund('MONEY-01', 1999, 'R1')
    sandbox.control.settleRefund('R1', { status: 'ABNORMAL' })
    await advance(30 * DAY)
    expect(money()).toEqual([WALLET - 1999, 0, 0, 1999, 0])
    expect(sandbox.control.refund('R1').state).toBe('ABNORMAL')
  })

  test('the fee comes back with its share, to the fen over all parts', async () => {
    const { merchant, advance, money, refund } = await aMerchant({ feeBasisPoints: 60 })
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    expect(money()).toEqual([WALLET - 1999, 0, 1987, 0, 12])
    const fees: number[] = []
    for (const [i, fen] of [333, 333, 333, 1000].entries()) {
      const { amount } = await refund('MONEY-01', fen, `R${i}`)
      fees.push(amount.refund_fee ?? 0)
      await advance(MINUTE)
    }
    expect(fees).toEqual([2, 2, 2, 6])
    expect(money()).toEqual([WALLET, 0, 0, 0, 0])
  })

  test('a closed refund takes its share of the fee again, and the next ones get theirs', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant({ feeBasisPoints: 60 })
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    expect((await refund('MONEY-01', 1000, 'R1')).amount.refund_fee).toBe(6)
    expect(money()).toEqual([WALLET - 1999, 0, 993, 1000, 6])
    sandbox.control.settleRefund('R1', { status: 'CLOSED' })
    expect(money()).toEqual([WALLET - 1999, 0, 1987, 0, 12])
    expect(sandbox.control.refund('R1').feeReturnedFen).toBe(0)
    await advance(MINUTE)
    expect((await refund('MONEY-01', 333, 'R2')).amount.refund_fee).toBe(2)
    await advance(MINUTE)
    expect((await refund('MONEY-01', 1666, 'R3')).amount.refund_fee).toBe(10)
    await advance(MINUTE)
    expect(money()).toEqual([WALLET, 0, 0, 0, 0])
  })

  test('when the fee that came back was taken out meanwhile, a closed refund takes it from what it brings back', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant({ feeBasisPoints: 60 })
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    await merchant.buy({ out_trade_no: 'MONEY-02' })
    sandbox.control.addFault({ fault: 'hold-refund' })
    await refund('MONEY-01', 1999, 'R1', { funds_account: 'UNSETTLED' })
    // All of the second payment went for the first one's refund; the first one's fee is back.
    expect(money()).toEqual([WALLET - 2 * 1999, 0, 1999, 1999, 0])
    sandbox.control.moveBalance({ amountFen: -1999 })
    sandbox.control.settleRefund('R1', { status: 'CLOSED' })
    expect(money()).toEqual([WALLET - 2 * 1999, 1987, 0, 0, 12])
    // Now the second payment is settled, of what is left of it, less its own fee.
    await advance(2 * DAY)
    expect(money()).toEqual([WALLET - 2 * 1999, 0, 1975, 0, 24])
  })

  test('no fee is told where none was taken', async () => {
    const { merchant, refund } = await aMerchant({ feeBasisPoints: 60 })
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    expect((await refund('MONEY-01', 1999, 'R1')).amount.refund_fee).toBeUndefined()
  })

  test('other payments help out: their settlement is short by as much', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    sandbox.control.moveBalance({ amountFen: -1999 })
    await merchant.buy({ out_trade_no: 'MONEY-02' })
    expect((await refund('MONEY-01', 1500, 'R1')).status).toBe('PROCESSING')
    await advance(DAY)
    expect(money()).toEqual([WALLET - 1999 - 499, 0, 499, 0, 0])
  })
})

describe('not enough money', () => {
  test('is refused when available and pending together do not cover it, and works after a top-up', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await advance(DAY)
    expect(sandbox.control.moveBalance({ amountFen: -1 })).toEqual({ availableFen: 1998, pendingFen: 0 })
    const refused = await refund('MONEY-01', 1999, 'R1')
    expect(refused).toMatchObject({ code: 'NOT_ENOUGH' })
    expect(money()).toEqual([WALLET - 1999, 0, 1998, 0, 0])
    expect((await merchant.queryRefund('R1')).status).toBe(404)
    sandbox.control.moveBalance({ amountFen: 1 })
    expect((await refund('MONEY-01', 1999, 'R1')).status).toBe('PROCESSING')
  })

  test.each([
    ['funds_account AVAILABLE', { funds_account: 'AVAILABLE' }],
    [
      'from AVAILABLE',
      { amount: { refund: 10, total: 1999, currency: 'CNY', from: [{ account: 'AVAILABLE', amount: 10 }] } },
    ],
  ])('%s takes nothing that is unsettled', async (_name, more) => {
    const { merchant, advance, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    expect((await refund('MONEY-01', 10, 'R1', more)).code).toBe('NOT_ENOUGH')
    await advance(DAY)
    expect((await refund('MONEY-01', 10, 'R1', more)).status).toBe('PROCESSING')
    expect((await refund('MONEY-01', 10, 'R2', { funds_account: 'UNSETTLED' })).code).toBe(
      'FREQUENCY_LIMITED',
    )
    await advance(MINUTE)
    expect((await refund('MONEY-01', 10, 'R2', { funds_account: 'UNSETTLED' })).code).toBe('NOT_ENOUGH')
  })

  test('accepted without money: closed after seven days', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    sandbox.control.addFault({ fault: 'not-enough', applied: true })
    expect((await refund('MONEY-01', 1999, 'R1')).status).toBe('PROCESSING')
    expect(sandbox.control.refund('R1')).toMatchObject({ isFunded: false, dueAt: '2026-11-29T02:00:00.000Z' })
    await advance(7 * DAY - 1)
    expect(sandbox.control.refund('R1').state).toBe('PROCESSING')
    await advance(1)
    expect(sandbox.control.refund('R1').state).toBe('CLOSED')
    expect(money()).toEqual([WALLET - 1999, 0, 1999, 0, 0])
    expect((await refund('MONEY-01', 1999, 'R2')).status).toBe('PROCESSING')
  })

  test('accepted without money: succeeds a second after the top-up', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    sandbox.control.addFault({ fault: 'not-enough', applied: true })
    await refund('MONEY-01', 1999, 'R1')
    await advance(DAY)
    sandbox.control.moveBalance({ amountFen: 5 })
    expect(sandbox.control.refund('R1')).toMatchObject({ state: 'PROCESSING', isFunded: true })
    expect(money()).toEqual([WALLET - 1999, 0, 5, 1999, 0])
    await advance(1_000)
    expect(sandbox.control.refund('R1').state).toBe('SUCCESS')
    await advance(7 * DAY)
    expect(money()).toEqual([WALLET, 0, 5, 0, 0])
  })

  test('nobody takes out more than is there', async () => {
    const { sandbox } = await aMerchant()
    expect(() => sandbox.control.moveBalance({ amountFen: -1 })).toThrow('only 0 fen are available')
    expect(sandbox.control.moveBalance({ amountFen: 100 })).toEqual({ availableFen: 100, pendingFen: 0 })
    for (const amountFen of [0, 1.5, '1', 1e15])
      expect(() => sandbox.control.moveBalance({ amountFen })).toThrow('amountFen')
  })
})

describe('deciding a refund', () => {
  test.each(['SUCCESS', 'CLOSED'])('%s is final; the same again changes nothing', async (status) => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await refund('MONEY-01', 1999, 'R1')
    const { refund: decided } = sandbox.control.settleRefund('R1', { status })
    expect(decided.state).toBe(status)
    const before = money()
    expect(sandbox.control.settleRefund('R1', { status }).refund).toEqual(decided)
    const other = status === 'SUCCESS' ? 'CLOSED' : 'SUCCESS'
    for (const change of [other, 'ABNORMAL'])
      expect(() => sandbox.control.settleRefund('R1', { status: change })).toThrow(
        `is ${status} and stays so`,
      )
    await advance(10 * DAY)
    expect(sandbox.control.refund('R1').state).toBe(status)
    expect(money()[3]).toBe(0)
    expect(before[3]).toBe(0)
  })

  test('an abnormal one can still be made good by hand, not closed', async () => {
    const { sandbox, merchant, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await refund('MONEY-01', 1999, 'R1')
    sandbox.control.settleRefund('R1', { status: 'ABNORMAL' })
    expect(() => sandbox.control.settleRefund('R1', { status: 'CLOSED' })).toThrow('is ABNORMAL')
    sandbox.control.settleRefund('R1', { status: 'SUCCESS' })
    expect(money()).toEqual([WALLET, 0, 0, 0, 0])
  })

  test('without money it can be closed, and succeeds only when the money is there', async () => {
    const { sandbox, merchant, advance, money, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    sandbox.control.addFault({ fault: 'not-enough', applied: true })
    await refund('MONEY-01', 1999, 'R1')
    await advance(DAY)
    sandbox.control.moveBalance({ amountFen: -1999 })
    expect(() => sandbox.control.settleRefund('R1', { status: 'SUCCESS' })).toThrow('has no money for it')
    expect(sandbox.control.settleRefund('R1', { status: 'CLOSED' }).refund.state).toBe('CLOSED')
    expect(money()).toEqual([WALLET - 1999, 0, 0, 0, 0])
  })

  test.each([{}, { status: 'DONE' }, { status: 'PROCESSING' }])('%j is no decision', async (body) => {
    const { sandbox, merchant, refund } = await aMerchant()
    await merchant.buy({ out_trade_no: 'MONEY-01' })
    await refund('MONEY-01', 1999, 'R1')
    expect(() => sandbox.control.settleRefund('R1', body)).toThrow('status must be one of')
    expect(() => sandbox.control.settleRefund('R9', { status: 'SUCCESS' })).toThrow('no refund R9')
  })
})

describe('the way out of an abnormal refund', () => {
  async function anAbnormalRefund() {
    const made = await aMerchant()
    await made.merchant.buy({ out_trade_no: 'MONEY-01' })
    await made.refund('MONEY-01', 1999, 'R1')
    made.sandbox.control.settleRefund('R1', { status: 'ABNORMAL' })
    const { info, infoFile } = made.sandbox
    const publicKey = createPublicKey(readFileSync(info.publicKeyFile, 'utf8'))
    const certificate = new X509Certificate(
      readFileSync(join(infoFile, '../wechatpay-platform-cert.pem'), 'utf8'),
    )
    const seal = (text: string, key = publicKey, oaepHash = 'sha1') =>
      publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Buffer.from(text)).toString(
        'base64',
      )
    const card = (key = publicKey, oaepHash = 'sha1') => ({
      out_refund_no: 'R1',
      type: 'USER_BANK_CARD',
      bank_type: 'CMB_DEBIT',
      bank_account: seal('6225880000000403', key, oaepHash),
      real_name: seal('张三', key, oaepHash),
    })
    const apply = async (body: unknown, headers: Record<string, string | null> = {}, id?: string) => {
      const refundId = id ?? made.sandbox.control.refund('R1').refundId
      const path = `/v3/refund/domestic/refunds/${refundId}/apply-abnormal-refund`
      const answer = await made.merchant.v3('POST', path, body, { headers })
      return { http: answer.status, ...JSON.parse(answer.body) }
    }
    return { ...made, card, seal, apply, certificate }
  }

  test('to the payer’s card: processing again, then SUCCESS on that card', async () => {
    const { sandbox, merchant, apply, card, advance, money } = await anAbnormalRefund()
    expect(await apply(card())).toMatchObject({
      http: 200,
      out_refund_no: 'R1',
      status: 'PROCESSING',
      channel: 'OTHER_BANKCARD',
      user_received_account: '招商银行借记卡0403',
    })
    await advance(1_000)
    expect(JSON.parse((await merchant.queryRefund('R1')).body)).toMatchObject({
      status: 'SUCCESS',
      channel: 'OTHER_BANKCARD',
      success_time: expect.any(String),
    })
    expect(money()).toEqual([WALLET - 1999, 0, 0, 0, 0])
    expect(entriesOf(sandbox, 'refund:R1')).toEqual({
      'wechatpay:refunds-in-transit': -1999,
      'card:payer:openid-alice': 1999,
    })
    const { fields } = await merchant.queryRefundV2({ out_refund_no: 'R1' })
    expect([fields.refund_channel_0, fields.refund_recv_accout_0]).toEqual([
      'OTHER_BANKCARD',
      '招商银行借记卡0403',
    ])
    expect(readFileSync(join(sandbox.infoFile, '../state.jsonl'), 'utf8')).not.toContain('6225880000000403')
  })

  test.each([
    ['CMB_DEBIT', '招商银行'],
    ['COMM_DEBIT', '交通银行'],
    ['ABC_DEBIT', '农业银行'],
    ['CCB_DEBIT', '建设银行'],
    ['ICBC_DEBIT', '工商银行'],
    ['BOC_DEBIT', '中国银行'],
    ['PAB_DEBIT', '平安银行'],
    ['SPDB_DEBIT', '浦发银行'],
    ['CITIC_DEBIT', '中信银行'],
    ['CEB_DEBIT', '光大银行'],
    ['CMBC_DEBIT', '民生银行'],
    ['CIB_DEBIT', '兴业银行'],
    ['GDB_DEBIT', '广发银行'],
    ['PSBC_DEBIT', '邮储银行'],
    ['NBCB_DEBIT', '宁波银行'],
  ])('%s is one of the fifteen banks: %s', async (bankType, name) => {
    const { apply, card } = await anAbnormalRefund()
    expect((await apply({ ...card(), bank_type: bankType })).user_received_account).toBe(`${name}借记卡0403`)
  })

  test('to the merchant’s card, which needs no more than the number', async () => {
    const { sandbox, apply, advance } = await anAbnormalRefund()
    expect(await apply({ out_refund_no: 'R1', type: 'MERCHANT_BANK_CARD' })).toMatchObject({
      status: 'PROCESSING',
      user_received_account: '商户结算银行账户',
    })
    await advance(1_000)
    expect(entriesOf(sandbox, 'refund:R1')).toEqual({
      'wechatpay:refunds-in-transit': -1999,
      [`card:merchant:${sandbox.info.mchid}`]: 1999,
    })
  })

  test('encrypted for the platform certificate, when the header names that', async () => {
    const { sandbox, apply, card, certificate } = await anAbnormalRefund()
    const headers = { 'Wechatpay-Serial': sandbox.info.platformSerialNo }
    expect((await apply(card(), headers)).code).toBe('PARAM_ERROR')
    expect(await apply(card(certificate.publicKey), headers)).toMatchObject({ status: 'PROCESSING' })
  })

  test.each([
    ['missing', null],
    ['unknown', '0123456789ABCDEF0123456789ABCDEF01234567'],
    ['the merchant’s own', 'own'],
  ])('a Wechatpay-Serial that is %s is refused', async (_name, serial) => {
    const { sandbox, apply, card } = await anAbnormalRefund()
    const named = serial === 'own' ? sandbox.info.serialNo : serial
    expect(await apply(card(), { 'Wechatpay-Serial': named })).toMatchObject({
      http: 400,
      code: 'PARAM_ERROR',
      detail: { location: 'header', field: 'Wechatpay-Serial' },
    })
    expect(sandbox.control.refund('R1').state).toBe('ABNORMAL')
  })

  test.each<[string, (made: Awaited<ReturnType<typeof anAbnormalRefund>>) => object, string]>([
    ['a card in the clear', () => ({ bank_account: '6225880000000403' }), '/bank_account'],
    ['a name in the clear', () => ({ real_name: '张三' }), '/real_name'],
    ['OAEP with SHA-256', ({ card }) => card(undefined, 'sha256'), '/bank_account'],
    ['a card that is no number', ({ seal }) => ({ bank_account: seal('my card') }), '/bank_account'],
    ['an empty name', ({ seal }) => ({ real_name: seal(' ') }), '/real_name'],
    ['no card', () => ({ bank_account: undefined }), '/bank_account'],
    ['no name', () => ({ real_name: undefined }), '/real_name'],
    ['no bank', () => ({ bank_type: undefined }), '/bank_type'],
    ['a bank nobody knows', () => ({ bank_type: 'my bank' }), '/bank_type'],
    ['a bank that is not among the fifteen', () => ({ bank_type: 'HXB_DEBIT' }), '/bank_type'],
    ['a credit card', () => ({ bank_type: 'CMB_CREDIT' }), '/bank_type'],
    ['other banks', () => ({ bank_type: 'OTHERS' }), '/bank_type'],
    ['a name every object has', () => ({ bank_type: 'constructor' }), '/bank_type'],
    ['another type', () => ({ type: 'CASH' }), '/type'],
    ['no type', () => ({ type: undefined }), '/type'],
    ['no number', () => ({ out_refund_no: undefined }), '/out_refund_no'],
    ['an unknown member', () => ({ card: '1' }), '/card'],
  ])('%s is refused and named', async (_name, change, field) => {
    const made = await anAbnormalRefund()
    expect(await made.apply({ ...made.card(), ...change(made) })).toMatchObject({
      http: 400,
      code: 'PARAM_ERROR',
      detail: { field },
    })
    expect(made.sandbox.control.refund('R1').state).toBe('ABNORMAL')
  })

  test('only an abnormal refund, and only under both its numbers', async () => {
    const { sandbox, apply, card, advance } = await anAbnormalRefund()
    expect(await apply(card(), {}, '50300000000000000000000000000')).toMatchObject({
      http: 404,
      code: 'RESOURCE_NOT_EXISTS',
    })
    expect(await apply({ ...card(), out_refund_no: 'R2' })).toMatchObject({
      http: 400,
      code: 'INVALID_REQUEST',
    })
    expect((await apply(card())).http).toBe(200)
    expect(await apply(card())).toMatchObject({ http: 400, code: 'INVALID_REQUEST' })
    await advance(1_000)
    expect(await apply(card())).toMatchObject({ http: 400, code: 'INVALID_REQUEST' })
    expect(sandbox.control.refund('R1').state).toBe('SUCCESS')
  })
})
