/** @module Bills that other hands wrote from the same pages: a sale, a refund, and the day after. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { createWxpayV2, createWxpayV3, type WxpayV2Client, type WxpayV3Client } from 'wxpay-core'

const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-core-bills-'))
const soldAt = Date.parse('2026-11-22T10:00:00+08:00')
let sandbox: Sandbox
let v3: WxpayV3Client
let v2: WxpayV2Client

async function rowsOf<Row>(bill: AsyncIterable<Row> | null): Promise<Row[]> {
  const rows: Row[] = []
  if (bill !== null) for await (const row of bill) rows.push(row)
  return rows
}

beforeAll(async () => {
  sandbox = await startSandbox({ dataDir, clock: () => soldAt })
  const { appid, mchid, v2Key, v3Key, baseUrl, certFile, keyFile, publicKeyId, publicKeyFile } = sandbox.info
  const [certPem, keyPem] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  const connection = { appid, mchid, baseUrl, ca: sandbox.caPem, clock: () => soldAt }
  v2 = createWxpayV2({ ...connection, key: v2Key, certPem, keyPem })
  v3 = createWxpayV3({
    ...connection,
    apiV3Key: v3Key,
    privateKeyPem: keyPem,
    certificatePem: certPem,
    publicKey: { id: publicKeyId, pem: readFileSync(publicKeyFile, 'utf8') },
  })
  const notifyUrl = 'http://127.0.0.1:9/n'
  const { prepayId } = await v3.prepay({
    outTradeNo: 'order-bill-1',
    description: '一杯, 咖啡',
    totalFen: 2_900,
    payerOpenid: 'openid-alice',
    notifyUrl,
    payerClientIp: '127.0.0.1',
  })
  await sandbox.control.cashier({ ...v3.paymentParams(prepayId), openid: 'openid-alice', action: 'pay' })
  const trade = await v3.queryByOutTradeNo('order-bill-1')
  await v3.refund({
    outRefundNo: 'refund-bill-1',
    transactionId: trade?.transactionId ?? '',
    refundFen: 29,
    totalFen: 2_900,
    notifyUrl,
  })
  // The sandbox's virtual day goes on; requests are signed and checked by the real one.
  await sandbox.control.moveClock({ to: '2026-11-23T10:30:00+08:00' })
})

afterAll(async () => {
  v2?.destroy()
  v3?.destroy()
  await sandbox?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

describe.each([
  ['v3', () => v3, true],
  ['v2', () => v2, false],
] as const)('%s', (_, client, hashed) => {
  test('the trade bill has the sale and the refund, to the fen', async () => {
    const bill = await client().tradeBill({ date: '2026-11-22' })
    expect(bill).toMatchObject({ rowCount: 2, hashed, totals: { totalFen: 2_900, requestedRefundFen: 29 } })
    const rows = await rowsOf(bill)
    const [sale, refund] = ['SUCCESS', 'REFUND'].map((state) => rows.find((row) => row.tradeState === state))
    expect(sale).toMatchObject({ outTradeNo: 'order-bill-1', tradeState: 'SUCCESS', totalFen: 2_900 })
    expect(sale).not.toHaveProperty('refundId')
    expect(refund).toMatchObject({
      outTradeNo: 'order-bill-1',
      tradeState: 'REFUND',
      outRefundNo: 'refund-bill-1',
      requestedRefundFen: 29,
    })
  })

  test('the fund-flow bill begins with the sale and knows what is left', async () => {
    const bill = await client().fundFlowBill({ date: '2026-11-22' })
    const rows = await rowsOf(bill)
    expect(rows[0]).toMatchObject({ direction: 'in', amountFen: 2_900 })
    const sum = (direction: string) =>
      rows.filter((row) => row.direction === direction).reduce((fen, row) => fen + row.amountFen, 0)
    expect(bill?.totals).toMatchObject({ incomeFen: sum('in'), expenseFen: sum('out') })
  })

  test('a day without trades is null', async () => {
    expect(await client().tradeBill({ date: '2026-11-21' })).toBeNull()
  })
})
