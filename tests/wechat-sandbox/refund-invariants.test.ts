import fc from 'fast-check'
import { aSandbox, books, cleanUp, Merchant } from './merchant.ts'

afterAll(cleanUp)

const MINUTE = 60_000
const DAY = 86_400_000

const step = fc.oneof(
  fc.record({ do: fc.constant('buy' as const), fen: fc.integer({ min: 1, max: 5_000 }) }),
  fc.record({
    do: fc.constant('refund' as const),
    trade: fc.nat(9),
    fen: fc.integer({ min: 1, max: 5_000 }),
    fault: fc.constantFrom(null, null, 'refund-abnormal', 'refund-closed', 'hold-refund', 'not-enough'),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    refund: fc.nat(9),
    status: fc.constantFrom('SUCCESS', 'CLOSED', 'ABNORMAL'),
  }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1_000, MINUTE, DAY, 7 * DAY) }),
  fc.record({ do: fc.constant('balance' as const), fen: fc.integer({ min: -3_000, max: 3_000 }) }),
)

test('whatever is bought, refunded, decided, topped up or taken out, in any order, the books stay right', async () => {
  const sandbox = await aSandbox({ feeBasisPoints: 60 })
  const merchant = new Merchant(sandbox)
  const { mchid } = sandbox.info
  const paid: { outTradeNo: string; fen: number }[] = []
  const asked: string[] = []
  const accepted = { refunds: 0, ended: new Set<string>() }

  const allow = (act: () => unknown): void => {
    try {
      act()
    } catch (error) {
      // Refusals of the control API are answers too.
      expect(error).toMatchObject({ name: 'ControlError' })
    }
  }

  const check = (): void => {
    const fen = books(sandbox)
    const refunds = asked.map((outRefundNo) => sandbox.control.refund(outRefundNo))
    const inTransit = refunds
      .filter(({ state, isFunded }) => isFunded && (state === 'PROCESSING' || state === 'ABNORMAL'))
      .reduce((sum, { refundFen }) => sum + refundFen, 0)
    expect(fen['wechatpay:refunds-in-transit'] ?? 0).toBe(inTransit)
    const returned = refunds
      .filter(({ state }) => state === 'SUCCESS')
      .reduce((sum, { refundFen }) => sum + refundFen, 0)
    const spent = paid.reduce((sum, { fen: one }) => sum + one, 0)
    expect(fen['payer:openid-alice'] ?? 100_000_000).toBe(100_000_000 - spent + returned)
    const open = refunds.filter(({ state }) => state !== 'CLOSED')
    for (const { outTradeNo, fen: total } of paid) {
      const ofTrade = open.filter((refund) => refund.outTradeNo === outTradeNo)
      expect(ofTrade.reduce((sum, { refundFen }) => sum + refundFen, 0)).toBeLessThanOrEqual(total)
      expect(sandbox.control.trade(outTradeNo).state).toBe(ofTrade.length > 0 ? 'REFUND' : 'SUCCESS')
    }
    for (const account of [`merchant:${mchid}:pending`, `merchant:${mchid}:available`, 'wechatpay:fees'])
      expect(fen[account] ?? 0).toBeGreaterThanOrEqual(0)
    for (const { state } of refunds) accepted.ended.add(state)
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 20 }), async (steps) => {
      for (const now of steps) {
        if (now.do === 'buy') {
          const outTradeNo = `RANDOM-${paid.length}`
          await merchant.buy({ out_trade_no: outTradeNo, amount: { total: now.fen, currency: 'CNY' } })
          paid.push({ outTradeNo, fen: now.fen })
        } else if (now.do === 'refund') {
          const trade = paid.at(-1 - (now.trade % Math.max(paid.length, 1)))
          if (trade === undefined) continue
          const outRefundNo = `RANDOM-R${asked.length}`
          const match = { outRefundNo }
          if (now.fault !== null) sandbox.control.addFault({ fault: now.fault, applied: true, match })
          const amount = { refund: Math.min(now.fen, trade.fen), total: trade.fen, currency: 'CNY' }
          const answer = await merchant.refund(trade.outTradeNo, { out_refund_no: outRefundNo, amount })
          expect([200, 400, 403, 429]).toContain(answer.status)
          if (answer.status === 200) {
            asked.push(outRefundNo)
            accepted.refunds += 1
          }
          for (const { id } of sandbox.control.faults().faults) sandbox.control.removeFault(id)
        } else if (now.do === 'settle') {
          const outRefundNo = asked.at(-1 - (now.refund % Math.max(asked.length, 1)))
          if (outRefundNo !== undefined)
            allow(() => sandbox.control.settleRefund(outRefundNo, { status: now.status }))
        } else if (now.do === 'advance') await sandbox.control.moveClock({ advanceMs: now.ms })
        else allow(() => sandbox.control.moveBalance({ amountFen: now.fen }))
        check()
      }
    }),
    { numRuns: 15, seed: 7 },
  )
  // Everybody settled in the end: nothing pending, and what is in transit is abnormal or held.
  await sandbox.control.moveClock({ advanceMs: 8 * DAY })
  check()
  expect(books(sandbox)[`merchant:${mchid}:pending`]).toBe(0)
  expect(accepted.refunds).toBeGreaterThan(30)
  expect([...accepted.ended].sort()).toEqual(['ABNORMAL', 'CLOSED', 'PROCESSING', 'SUCCESS'])
})
