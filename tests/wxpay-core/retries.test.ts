import {
  adviceOn,
  type RefundReport,
  WxpayError,
  type WxpayErrorCode,
  type WxpayV3Client,
  withRetries,
  wxpayOutcomes,
} from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { anOrder, aRefundOrder } from './fixtures.ts'

const report: RefundReport = {
  outRefundNo: aRefundOrder.outRefundNo,
  refundId: '50000000382019052709732678859',
  transactionId: aRefundOrder.transactionId,
  status: 'PROCESSING',
  rawStatus: 'PROCESSING',
  refundFen: 2_000,
  totalFen: 6_800,
}
const error = (code: WxpayErrorCode, apiCode?: string) => new WxpayError(code, code, { apiCode })

/** A client that says what it is told, in order; the last thing again and again. */
function scripted(script: Partial<Record<keyof WxpayV3Client, readonly unknown[]>>, api = 'v3') {
  const calls: string[] = []
  const say = (name: keyof WxpayV3Client) => {
    let next = 0
    return async (...args: unknown[]) => {
      calls.push(`${name} ${JSON.stringify(args)}`)
      const said = script[name]?.[Math.min(next, (script[name]?.length ?? 1) - 1)]
      next += 1
      if (said instanceof Error) throw said
      return said
    }
  }
  const client = {
    api,
    prepay: say('prepay'),
    refund: say('refund'),
    queryRefund: say('queryRefund'),
    queryByOutTradeNo: say('queryByOutTradeNo'),
    queryByTransactionId: say('queryByTransactionId'),
    close: say('close'),
    tradeBill: say('tradeBill'),
    fundFlowBill: say('fundFlowBill'),
    applyAbnormalRefund: say('applyAbnormalRefund'),
    forSubMerchant: () => client,
  } as unknown as WxpayV3Client
  return { client, calls, names: () => calls.map((call) => call.split(' ')[0]) }
}

const waits: number[] = []
beforeEach(() => {
  waits.length = 0
})
const policy = {
  sleep: async (ms: number) => {
    waits.push(ms)
  },
  random: () => 0.5,
}

test('every code of a call has its advice, and none of a notification is ever repeated', () => {
  const table = Object.fromEntries(
    (Object.keys(wxpayOutcomes) as WxpayErrorCode[]).map((code) => [
      code,
      (['read', 'order', 'refund'] as const).map((kind) => adviceOn(error(code), kind)).join(' '),
    ]),
  )
  expect(table).toEqual({
    ERR_WXPAY_CONFIG: 'never never never',
    ERR_WXPAY_INPUT: 'never never never',
    ERR_WXPAY_DESTROYED: 'never never never',
    ERR_WXPAY_HELD_BACK: 'slowDown slowDown slowDown',
    ERR_WXPAY_CONNECT: 'repeat repeat repeat',
    ERR_WXPAY_TIMEOUT: 'repeat repeat askFirst',
    ERR_WXPAY_CONNECTION_LOST: 'repeat repeat askFirst',
    ERR_WXPAY_ANSWER_SIGNATURE: 'repeat repeat askFirst',
    ERR_WXPAY_ANSWER_MALFORMED: 'repeat repeat askFirst',
    ERR_WXPAY_ANSWER_TOO_LARGE: 'never never askFirst',
    ERR_WXPAY_ANSWER_MISMATCH: 'never never askFirst',
    ERR_WXPAY_BILL_CORRUPT: 'repeat repeat askFirst',
    ERR_WXPAY_REDIRECTED: 'never never askFirst',
    ERR_WXPAY_SERVER: 'repeat repeat askFirst',
    ERR_WXPAY_RATE_LIMITED: 'slowDown slowDown askFirst',
    ERR_WXPAY_REFUSED: 'never never never',
    ...Object.fromEntries(
      Object.keys(wxpayOutcomes)
        .filter((code) => code.startsWith('ERR_WXPAY_NOTIFY_'))
        .map((code) => [code, 'never never never']),
    ),
  })
})

test('whatever is unknown about a refund is asked about before it is sent again', () => {
  const codes = (Object.keys(wxpayOutcomes) as WxpayErrorCode[]).filter(
    (code) => wxpayOutcomes[code] === 'unknown',
  )
  expect(codes.map((code) => adviceOn(error(code), 'refund'))).toEqual(codes.map(() => 'askFirst'))
})

test('an error of somebody else says nothing about the money: after a refund, ask first', () => {
  for (const thrown of [new TypeError('bug'), 'text', undefined]) {
    expect((['read', 'order', 'refund'] as const).map((kind) => adviceOn(thrown, kind))).toEqual([
      'never',
      'never',
      'askFirst',
    ])
  }
})

test('an order or a query that ends in an error of somebody else is not repeated', async () => {
  expect(adviceOn(new TypeError('bug'), 'read')).toBe('never')
  const { client, calls } = scripted({ prepay: [new TypeError('bug')] })
  await expect(withRetries(client, policy).prepay(anOrder)).rejects.toThrow('bug')
  expect(calls).toHaveLength(1)
})

test('an order is repeated with exactly the same members, further and further apart', async () => {
  const { client, calls } = scripted({
    prepay: [
      error('ERR_WXPAY_SERVER'),
      error('ERR_WXPAY_TIMEOUT'),
      error('ERR_WXPAY_CONNECT'),
      { prepayId: 'wx1' },
    ],
  })
  expect(await withRetries(client, policy).prepay(anOrder)).toEqual({ prepayId: 'wx1' })
  expect(calls).toEqual(Array(4).fill(`prepay ${JSON.stringify([anOrder])}`))
  expect(waits).toEqual([375, 750, 1_500])
})

const aDay = { date: '2026-11-22' }

describe.each<[keyof WxpayV3Client, readonly unknown[], (patient: WxpayV3Client) => Promise<unknown>]>([
  ['prepay', [anOrder], (patient) => patient.prepay(anOrder)],
  ['close', ['order-1'], (patient) => patient.close('order-1')],
  ['queryByOutTradeNo', ['order-1'], (patient) => patient.queryByOutTradeNo('order-1')],
  ['queryByTransactionId', ['4200'], (patient) => patient.queryByTransactionId('4200')],
  ['queryRefund', ['refund-1', '4200'], (patient) => patient.queryRefund('refund-1', '4200')],
  ['tradeBill', [aDay], (patient) => patient.tradeBill(aDay)],
  ['fundFlowBill', [aDay], (patient) => patient.fundFlowBill(aDay)],
])('%s', (name, args, call) => {
  test('is made again with the same words when WeChat could not tell the result', async () => {
    const { client, calls } = scripted({ [name]: [error('ERR_WXPAY_SERVER'), 'the answer'] })
    expect(await call(withRetries(client, policy))).toBe('the answer')
    expect(calls).toEqual(Array(2).fill(`${name} ${JSON.stringify(args)}`))
  })

  test('is not made again after an answer about somebody else', async () => {
    const { client, calls } = scripted({ [name]: [error('ERR_WXPAY_ANSWER_MISMATCH')] })
    expect((await refusalOf(() => call(withRetries(client, policy)))).code).toBe('ERR_WXPAY_ANSWER_MISMATCH')
    expect(calls).toHaveLength(1)
  })
})

test('what is left out of the policy is four calls, the first wait half a second at most, by the clock', async () => {
  jest.useFakeTimers()
  try {
    const { client, calls } = scripted({ close: [error('ERR_WXPAY_SERVER')] })
    const ended = refusalOf(() => withRetries(client).close('order-20261123-1'))
    const callsAfter = async (ms: number) => {
      await jest.advanceTimersByTimeAsync(ms)
      return calls.length
    }
    expect(await callsAfter(249)).toBe(1)
    expect(await callsAfter(251)).toBe(2)
    expect(await callsAfter(1_000)).toBe(3)
    expect(await callsAfter(2_000)).toBe(4)
    expect((await ended).code).toBe('ERR_WXPAY_SERVER')
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

test('waits are spread between a half and the whole, and bounded; slowing down is four times slower', async () => {
  for (const [random, expected] of [
    [0, [1_000, 1_500]],
    [0.999, [1_999, 2_999]],
  ] as const) {
    waits.length = 0
    const { client } = scripted({ queryByOutTradeNo: [error('ERR_WXPAY_RATE_LIMITED')] })
    const patient = withRetries(client, {
      ...policy,
      random: () => random,
      attempts: 3,
      longestWaitMs: 3_000,
    })
    await refusalOf(() => patient.queryByOutTradeNo('order-20261123-1'))
    expect(waits).toEqual(expected)
  }
})

test('a refusal is final at once', async () => {
  const { client, calls } = scripted({ refund: [error('ERR_WXPAY_REFUSED', 'NOT_ENOUGH')] })
  expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject({
    apiCode: 'NOT_ENOUGH',
  })
  expect(calls).toHaveLength(1)
})

test('a refund that timed out is asked about, and not sent again when WeChat knows it', async () => {
  const { client, names } = scripted({ refund: [error('ERR_WXPAY_TIMEOUT')], queryRefund: [report] })
  expect(await withRetries(client, policy).refund(aRefundOrder)).toEqual(report)
  expect(names()).toEqual(['refund', 'queryRefund'])
})

test('a refund that WeChat does not know is sent again under the same number', async () => {
  const { client, calls } = scripted({
    refund: [error('ERR_WXPAY_RATE_LIMITED'), report],
    queryRefund: [null],
  })
  expect(await withRetries(client, policy).refund(aRefundOrder)).toEqual(report)
  const sent = `refund ${JSON.stringify([aRefundOrder])}`
  const asked = `queryRefund ["${aRefundOrder.outRefundNo}","${aRefundOrder.transactionId}"]`
  expect(calls).toEqual([sent, asked, sent])
  // It was asked to slow down.
  expect(waits).toEqual([1_500])
})

test('a refund that was held back goes out later, without a question: it had not been sent', async () => {
  const { client, names } = scripted({ refund: [error('ERR_WXPAY_HELD_BACK'), report] })
  expect(await withRetries(client, policy).refund(aRefundOrder)).toEqual(report)
  expect(names()).toEqual(['refund', 'refund'])
  expect(waits).toEqual([1_500])
})

test('a refund that could not be sent is sent without a question, and not more slowly', async () => {
  const { client, names } = scripted({ refund: [error('ERR_WXPAY_CONNECT'), report] })
  expect(await withRetries(client, policy).refund(aRefundOrder)).toEqual(report)
  expect(names()).toEqual(['refund', 'refund'])
  expect(waits).toEqual([375])
})

test('what the question ends with does not hide what the refund ended with', async () => {
  const { client } = scripted({
    refund: [error('ERR_WXPAY_TIMEOUT')],
    queryRefund: [error('ERR_WXPAY_SERVER')],
  })
  expect((await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).code).toBe(
    'ERR_WXPAY_TIMEOUT',
  )
})

test('while the question fails, the refund is not sent again', async () => {
  const { client, names } = scripted({
    refund: [error('ERR_WXPAY_SERVER')],
    queryRefund: [error('ERR_WXPAY_CONNECT')],
  })
  expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject({
    code: 'ERR_WXPAY_SERVER',
    outcome: 'unknown',
  })
  expect(names()).toEqual(['refund', 'queryRefund', 'queryRefund', 'queryRefund'])
})

test('a refusal of the question is no refusal of the refund', async () => {
  const { client } = scripted({
    refund: [error('ERR_WXPAY_TIMEOUT')],
    queryRefund: [error('ERR_WXPAY_REFUSED', 'NO_AUTH')],
  })
  expect((await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).outcome).toBe('unknown')
})

test('one attempt that may have arrived is not forgotten when later ones cannot connect', async () => {
  const { client } = scripted({ prepay: [error('ERR_WXPAY_TIMEOUT'), error('ERR_WXPAY_CONNECT')] })
  expect(await refusalOf(() => withRetries(client, policy).prepay(anOrder))).toMatchObject({
    code: 'ERR_WXPAY_TIMEOUT',
    outcome: 'unknown',
  })
})

test('a signed refusal of the second attempt settles the refund; one that anybody could have written does not', async () => {
  for (const [verified, expected] of [
    [true, { code: 'ERR_WXPAY_REFUSED', outcome: 'rejected' }],
    [false, { code: 'ERR_WXPAY_TIMEOUT', outcome: 'unknown' }],
    [undefined, { code: 'ERR_WXPAY_TIMEOUT', outcome: 'unknown' }],
  ] as const) {
    const refused = new WxpayError('ERR_WXPAY_REFUSED', 'no', { apiCode: 'NOT_ENOUGH', verified })
    const { client, names } = scripted({
      refund: [error('ERR_WXPAY_TIMEOUT'), refused],
      queryRefund: [null],
    })
    expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject(expected)
    expect(names()).toEqual(['refund', 'queryRefund', 'refund'])
  }
})

test('a refusal of an order is an answer about its number, signed or not', async () => {
  const { client } = scripted({
    prepay: [error('ERR_WXPAY_TIMEOUT'), error('ERR_WXPAY_REFUSED', 'ORDERPAID')],
  })
  expect(await refusalOf(() => withRetries(client, policy).prepay(anOrder))).toMatchObject({
    outcome: 'rejected',
    apiCode: 'ORDERPAID',
  })
})

test('a refusal of a query is its answer, whatever became of the one before', async () => {
  const { client } = scripted({
    queryByOutTradeNo: [error('ERR_WXPAY_TIMEOUT'), error('ERR_WXPAY_REFUSED', 'NO_AUTH')],
  })
  expect(
    await refusalOf(() => withRetries(client, policy).queryByOutTradeNo('order-20261123-1')),
  ).toMatchObject({ outcome: 'rejected', apiCode: 'NO_AUTH' })
})

test('after an error of somebody else a refusal that anybody could have written settles nothing', async () => {
  const bug = new TypeError('bug')
  const { client, names } = scripted({
    refund: [bug, error('ERR_WXPAY_REFUSED', 'NOT_ENOUGH')],
    queryRefund: [null],
  })
  await expect(withRetries(client, policy).refund(aRefundOrder)).rejects.toBe(bug)
  expect(names()).toEqual(['refund', 'queryRefund', 'refund'])
})

test('after an error of somebody else neither a refund that was not sent nor a question that failed says more', async () => {
  const bug = new TypeError('bug')
  for (const rest of [
    { refund: [bug, error('ERR_WXPAY_CONNECT')], queryRefund: [null] },
    { refund: [bug], queryRefund: [error('ERR_WXPAY_REFUSED', 'NO_AUTH')] },
  ]) {
    const { client } = scripted(rest)
    await expect(withRetries(client, policy).refund(aRefundOrder)).rejects.toBe(bug)
  }
})

test('an error of somebody else does not take the place of one that says unknown', async () => {
  const { client } = scripted({
    refund: [error('ERR_WXPAY_TIMEOUT'), new TypeError('bug')],
    queryRefund: [null],
  })
  expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject({
    code: 'ERR_WXPAY_TIMEOUT',
    outcome: 'unknown',
  })
})

test('a later error that says unknown takes the place of one of somebody else', async () => {
  const { client } = scripted({
    refund: [new TypeError('bug'), error('ERR_WXPAY_TIMEOUT')],
    queryRefund: [null],
  })
  expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject({
    code: 'ERR_WXPAY_TIMEOUT',
  })
})

test('another refund under the same number is never taken for ours', async () => {
  const { client, names } = scripted({
    refund: [error('ERR_WXPAY_TIMEOUT')],
    queryRefund: [{ ...report, refundFen: 1_999 }],
  })
  // Whoever sees this must learn why: to ask again, as after a time-out, would say the same for ever.
  expect(await refusalOf(() => withRetries(client, policy).refund(aRefundOrder))).toMatchObject({
    code: 'ERR_WXPAY_ANSWER_MISMATCH',
    outcome: 'unknown',
    message: 'another refund has this number: were the members those of the first call?',
  })
  expect(names()).toEqual(['refund', 'queryRefund'])
})

test('an abnormal refund is sent on again only while it is still abnormal', async () => {
  const input = {
    refundId: report.refundId,
    outRefundNo: report.outRefundNo,
    to: 'merchantBankCard',
  } as const
  const still = scripted({
    applyAbnormalRefund: [error('ERR_WXPAY_TIMEOUT'), report],
    queryRefund: [{ ...report, status: 'ABNORMAL' }],
  })
  await withRetries(still.client, policy).applyAbnormalRefund(input)
  expect(still.names()).toEqual(['applyAbnormalRefund', 'queryRefund', 'applyAbnormalRefund'])
  const unheardOf = scripted({
    applyAbnormalRefund: [error('ERR_WXPAY_TIMEOUT'), report],
    queryRefund: [null],
  })
  await withRetries(unheardOf.client, policy).applyAbnormalRefund(input)
  expect(unheardOf.names()).toEqual(['applyAbnormalRefund', 'queryRefund', 'applyAbnormalRefund'])
  const moved = scripted({ applyAbnormalRefund: [error('ERR_WXPAY_TIMEOUT')], queryRefund: [report] })
  expect(await withRetries(moved.client, policy).applyAbnormalRefund(input)).toEqual(report)
  expect(moved.names()).toEqual(['applyAbnormalRefund', 'queryRefund'])
})

test.each(['v2', 'v3'])('the client of a sub-merchant is patient too (%s)', async (api) => {
  const { client, calls } = scripted({ close: [error('ERR_WXPAY_SERVER'), 'closed'] }, api)
  const patient = withRetries(client, policy).forSubMerchant({ mchid: '1900000777' })
  expect(await patient.close('order-20261123-1')).toBe('closed')
  expect(calls).toHaveLength(2)
})

test('a v2 client is patient, and learns nothing that v2 cannot do', async () => {
  const { client, calls } = scripted({ close: [error('ERR_WXPAY_SERVER'), 'closed'] }, 'v2')
  const { applyAbnormalRefund: _, ...ofV2 } = client
  const patient = withRetries(ofV2 as WxpayV3Client, policy)
  expect(patient.api).toBe('v2')
  expect(await patient.close('order-20261123-1')).toBe('closed')
  expect(calls).toHaveLength(2)
  expect(patient).not.toHaveProperty('applyAbnormalRefund')
})

test('a wait takes no more than half of the time that is left; then what is known is thrown', async () => {
  for (const api of ['v2', 'v3'] as const) {
    const { client, calls } = scripted({
      refund: [error('ERR_WXPAY_TIMEOUT')],
      queryRefund: [error('ERR_WXPAY_CONNECT')],
    })
    let leftMs = 3_000
    const limited = { ...client, api, timeLeftMs: () => leftMs } as WxpayV3Client
    waits.length = 0
    const sleep = async (ms: number) => {
      waits.push(ms)
      leftMs -= ms
    }
    // 375 of 3000 and 750 of 2625 ms are within the half, 1500 of 1875 are not.
    expect(
      await refusalOf(() => withRetries(limited, { ...policy, sleep }).refund(aRefundOrder)),
    ).toMatchObject({ code: 'ERR_WXPAY_TIMEOUT', outcome: 'unknown' })
    expect(waits).toEqual([375, 750])
    expect(calls).toHaveLength(3)
  }
})

test.each([
  [750, [375]],
  [749, []],
  [0, []],
  [Number.NaN, []],
])('with %d ms left the waits are %j', async (leftMs, expected) => {
  const { client } = scripted({ prepay: [error('ERR_WXPAY_SERVER')] })
  const limited = { ...client, timeLeftMs: () => leftMs }
  const twice = withRetries(limited, { ...policy, attempts: 2 })
  expect(await refusalOf(() => twice.prepay(anOrder))).toMatchObject({ code: 'ERR_WXPAY_SERVER' })
  expect(waits).toEqual(expected)
})

test.each([
  { attempts: 0 },
  { attempts: 11 },
  { attempts: 1.5 },
  { firstWaitMs: 0 },
  { longestWaitMs: 600_001 },
])('%p is no policy', async (wrong) => {
  const [member] = Object.keys(wrong)
  const refused = await refusalOf(() => withRetries(scripted({}).client, wrong))
  expect(refused).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member })
  expect(refused.message).toMatch(/^\w+ must be a whole number between 1 and (?:10|600000)$/)
})
