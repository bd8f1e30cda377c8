/** The bills of the sandbox as our own SDK reads them: two readers of the same pages, who never saw each other's code. */
import { readFileSync } from 'node:fs'
import type { Sandbox } from 'wechat-sandbox'
import { createWxpayV2, createWxpayV3, type WxpayV2Client, type WxpayV3Client } from 'wxpay-core'
import { aSandbox, cleanUp, Merchant, START } from '../wechat-sandbox/merchant.ts'

const clients: (WxpayV2Client | WxpayV3Client)[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})
afterAll(cleanUp)

function clientsOf({ info, caPem: ca }: Sandbox): [WxpayV3Client, WxpayV2Client] {
  const { appid, mchid, baseUrl } = info
  const identity = {
    certPem: readFileSync(info.certFile, 'utf8'),
    keyPem: readFileSync(info.keyFile, 'utf8'),
  }
  const common = { appid, mchid, baseUrl, ca, clock: () => START }
  const v3 = createWxpayV3({
    ...common,
    apiV3Key: info.v3Key,
    privateKeyPem: identity.keyPem,
    certificatePem: identity.certPem,
    publicKey: { id: info.publicKeyId, pem: readFileSync(info.publicKeyFile, 'utf8') },
  })
  const v2 = createWxpayV2({ ...common, ...identity, key: info.v2Key })
  clients.push(v3, v2)
  return [v3, v2]
}

/** A sandbox where one order was paid on the 22nd, and partly refunded; now it is ten in the morning of the 23rd. */
async function aBilledDay(): Promise<Sandbox> {
  const sandbox = await aSandbox({ feeBasisPoints: 60 })
  const merchant = new Merchant(sandbox)
  await merchant.buy({
    out_trade_no: 'READ-0001',
    description: '一杯, `大杯`',
    attach: '=1+1',
    amount: { total: 12_345, currency: 'CNY' },
  })
  await merchant.refund('READ-0001', { amount: { refund: 345, total: 12_345, currency: 'CNY' } })
  await sandbox.control.moveClock({ to: '2026-11-23T10:00:00+08:00' })
  return sandbox
}
const DATE = '2026-11-22'

test('payments, refunds and fees are read fen by fen, under both protocols', async () => {
  const sandbox = await aBilledDay()
  for (const client of clientsOf(sandbox)) {
    const bill = await client.tradeBill({ date: DATE })
    const rows = []
    for await (const row of bill ?? []) rows.push(row)
    expect([bill?.rowCount, bill?.hashed]).toEqual([2, client.api === 'v3'])
    expect(bill?.totals).toMatchObject({ totalFen: 12_345, refundFen: 345, feeYuan: '0.72' })
    expect(rows.find(({ tradeState }) => tradeState === 'SUCCESS')).toMatchObject({
      outTradeNo: 'READ-0001',
      totalFen: 12_345,
      tradedAt: START,
      description: '一杯\\  `大杯`',
      attach: '=1+1',
      feeYuan: '0.74000',
      feeRate: '0.60%',
    })
    expect(rows.find(({ tradeState }) => tradeState === 'REFUND')).toMatchObject({
      outRefundNo: 'R-READ-0001',
      refundFen: 345,
      requestedRefundFen: 345,
      refundStatus: 'SUCCESS',
      feeYuan: '-0.02000',
    })
    const movements = []
    for await (const row of (await client.fundFlowBill({ date: DATE })) ?? [])
      movements.push([row.businessName, row.direction, row.amountFen, row.balanceFen])
    expect(movements).toEqual([
      ['交易', 'in', 12_345, 12_345],
      ['退款', 'out', 345, 12_000],
    ])
  }
})

test('a day without a bill is null; one that is still being made is no such day', async () => {
  const sandbox = await aBilledDay()
  for (const client of clientsOf(sandbox)) {
    expect(await client.tradeBill({ date: '2026-11-20' })).toBeNull()
    sandbox.control.addFault({ fault: 'bill-not-ready' })
    await expect(client.tradeBill({ date: DATE })).rejects.toMatchObject({ name: 'WxpayError' })
  }
})

test.each(['bill-damaged', 'bill-cut'])(
  'a file that is %s is refused, and the next one taken',
  async (fault) => {
    const sandbox = await aBilledDay()
    const [v3] = clientsOf(sandbox)
    sandbox.control.addFault({ fault })
    await expect(v3.tradeBill({ date: DATE })).rejects.toMatchObject({ name: 'WxpayError' })
    expect((await v3.tradeBill({ date: DATE }))?.rowCount).toBe(2)
  },
)
