import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SandboxStartError } from 'wechat-sandbox'
import { aSandbox, books, cleanUp, emptyDirectory, Merchant, newDirectory } from './merchant.ts'

afterAll(cleanUp)

test('a second start has the same keys, trades, books, codes, faults and clock', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  const merchant = new Merchant(first)
  await merchant.buy({ out_trade_no: 'PAID-0001' })
  const prepayId = await merchant.prepay({ out_trade_no: 'OPEN-0001' })
  await merchant.prepay({ out_trade_no: 'GONE-0001' })
  await merchant.close('GONE-0001')
  const { code } = first.control.createCode({ openid: 'openid-alice' })
  first.control.addFault({ fault: '500', match: { path: '/nowhere' } })
  await first.control.moveClock({ advanceMs: 60_000 })
  const before = {
    trades: ['PAID-0001', 'OPEN-0001', 'GONE-0001'].map((number) => first.control.trade(number)),
    ledger: first.control.ledger({}),
    notifications: first.control.notifications({}),
    faults: first.control.faults(),
    clock: first.control.clock(),
  }
  await first.close()

  const second = await aSandbox({ dataDir })
  const { baseUrl, apiBaseUrl, consoleUrl, controlUrl, ...keys } = first.info
  expect(second.info).toMatchObject(keys)
  expect({
    trades: ['PAID-0001', 'OPEN-0001', 'GONE-0001'].map((number) => second.control.trade(number)),
    ledger: second.control.ledger({}),
    notifications: second.control.notifications({}),
    faults: second.control.faults(),
    clock: second.control.clock(),
  }).toEqual(before)
  const again = new Merchant(second)
  expect(
    second.control.cashier({ ...again.payParameters(prepayId), openid: 'openid-alice', action: 'pay' }),
  ).toEqual({ errMsg: 'requestPayment:ok' })
  expect(readFileSync(join(dataDir, 'state.jsonl'), 'utf8')).toContain(code)
})

test('what was answered survives a process that never said goodbye, and a torn last line is no harm', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  const merchant = new Merchant(first)
  await merchant.buy({ out_trade_no: 'PAID-0001' })
  // The state as a kill -9 would leave it, taken while the first sandbox still runs.
  const file = join(dataDir, 'state.jsonl')
  const state = readFileSync(file)
  await first.close()
  writeFileSync(file, state)
  appendFileSync(file, '[{"table":"trade","id":"TORN-0001","value":{"outTradeNo":"TO')

  const second = await aSandbox({ dataDir })
  expect(second.control.trade('PAID-0001').state).toBe('SUCCESS')
  expect(() => second.control.trade('TORN-0001')).toThrow('no trade')
  const { entries } = second.control.ledger({})
  expect(entries.reduce((sum, { fen }) => sum + fen, 0)).toBe(0)
  await new Merchant(second).buy({ out_trade_no: 'PAID-0002' })
  await second.close()
  const third = await aSandbox({ dataDir })
  expect(third.control.trade('PAID-0002').state).toBe('SUCCESS')
})

test('refunds survive too: their numbers, their money, what they wait for, and who decided them', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir, feeBasisPoints: 60 })
  const merchant = new Merchant(first)
  const numbers = ['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL', 'UNFUNDED']
  for (const name of numbers) {
    await merchant.buy({ out_trade_no: `TRADE-${name}` })
    if (name === 'UNFUNDED') first.control.addFault({ fault: 'not-enough', applied: true })
    else first.control.addFault({ fault: 'hold-refund' })
    await merchant.refund(`TRADE-${name}`, { out_refund_no: name })
  }
  for (const status of ['SUCCESS', 'CLOSED', 'ABNORMAL']) first.control.settleRefund(status, { status })
  const truth = (sandbox: typeof first) => ({
    refunds: numbers.map((name) => sandbox.control.refund(name)),
    trades: numbers.map((name) => sandbox.control.trade(`TRADE-${name}`)),
    books: books(sandbox),
    balance: sandbox.control.balance(),
  })
  const before = truth(first)
  expect(before.refunds.map(({ state }) => state)).toEqual([
    'PROCESSING',
    'SUCCESS',
    'CLOSED',
    'ABNORMAL',
    'PROCESSING',
  ])
  // The state as a kill -9 would leave it, taken while the first sandbox still runs.
  const file = join(dataDir, 'state.jsonl')
  const state = readFileSync(file)
  await first.close()
  writeFileSync(file, state)

  const second = await aSandbox({ dataDir, feeBasisPoints: 60 })
  expect(truth(second)).toEqual(before)
  const again = new Merchant(second)
  const refundId = before.refunds[3]?.refundId
  expect(
    JSON.parse((await again.refund('TRADE-PROCESSING', { out_refund_no: 'PROCESSING' })).body),
  ).toMatchObject({
    refund_id: before.refunds[0]?.refundId,
  })
  expect((await again.queryRefundV2({ refund_id: refundId ?? '' })).fields.refund_status_0).toBe('CHANGE')
  await second.control.moveClock({ advanceMs: 7 * 86_400_000 })
  expect(second.control.refund('UNFUNDED').state).toBe('CLOSED')
  expect(second.control.refund('PROCESSING').state).toBe('PROCESSING')
  // Of five payments of 1999 the merchant has two left, each less a fee of 12.
  expect(second.control.balance()).toEqual({ availableFen: 2 * 1987, pendingFen: 0 })
})

test('a refund cut off in its last change is whole or not there at all', async () => {
  const dataDir = await newDirectory()
  const file = join(dataDir, 'state.jsonl')
  const first = await aSandbox({ dataDir })
  const merchant = new Merchant(first)
  await merchant.buy({ out_trade_no: 'KEPT-0001' })
  const kept = statSync(file).size
  await merchant.refund('KEPT-0001', { out_refund_no: 'R1' })
  const whole = readFileSync(file)
  await first.close()
  for (const cut of [kept + 1, kept + 300, whole.length - 2, whole.length]) {
    writeFileSync(file, whole)
    truncateSync(file, cut)
    const again = await aSandbox({ dataDir })
    const moved = Object.hasOwn(books(again), 'wechatpay:refunds-in-transit')
    expect(moved).toBe(cut === whole.length)
    expect(again.control.trade('KEPT-0001').state).toBe(moved ? 'REFUND' : 'SUCCESS')
    expect((await new Merchant(again).queryRefund('R1')).status).toBe(moved ? 200 : 404)
    await again.close()
  }
})

test('a state file written before there were refunds is read, and its payments can be refunded', async () => {
  const dataDir = await newDirectory()
  const file = join(dataDir, 'state.jsonl')
  const first = await aSandbox({ dataDir })
  const merchant = new Merchant(first)
  await merchant.buy({ out_trade_no: 'OLD-00001' })
  await first.control.moveClock({ advanceMs: 86_400_000 })
  await first.close()
  // What settlement writes today was not there then.
  const lines = readFileSync(file, 'utf8').replace(/,"money":\{[^}]*\}/g, '')
  writeFileSync(file, lines)
  const second = await aSandbox({ dataDir })
  await new Merchant(second).refund('OLD-00001', { out_refund_no: 'R1' })
  await second.control.moveClock({ advanceMs: 1_000 })
  expect(second.control.refund('R1').state).toBe('SUCCESS')
  expect(second.control.balance()).toEqual({ availableFen: 0, pendingFen: 0 })
})

test('a file cut anywhere in its last change loses that change and nothing else', async () => {
  const dataDir = await newDirectory()
  const file = join(dataDir, 'state.jsonl')
  const first = await aSandbox({ dataDir })
  const merchant = new Merchant(first)
  await merchant.prepay({ out_trade_no: 'KEPT-0001' })
  const kept = statSync(file).size
  await merchant.buy({ out_trade_no: 'KEPT-0001' })
  const whole = readFileSync(file)
  await first.close()
  for (const cut of [kept + 1, kept + 200, whole.length - 1]) {
    writeFileSync(file, whole)
    truncateSync(file, cut)
    const again = await aSandbox({ dataDir })
    const { entries } = again.control.ledger({})
    expect(entries.reduce((sum, { fen }) => sum + fen, 0)).toBe(0)
    expect(again.control.trade('KEPT-0001').state).toBe(entries.length > 0 ? 'SUCCESS' : 'NOTPAY')
    await again.close()
  }
})

test('books that do not balance, or a damaged line, stop the start with a plain sentence', async () => {
  const dataDir = await newDirectory()
  const file = join(dataDir, 'state.jsonl')
  const first = await aSandbox({ dataDir })
  await new Merchant(first).buy({})
  const state = readFileSync(file, 'utf8')
  await first.close()
  writeFileSync(file, state.replace('"fen":1999', '"fen":2000'))
  await expect(aSandbox({ dataDir })).rejects.toThrow(/changed by hand .*out of balance by 1 fen/)
  const lines = state.split('\n')
  writeFileSync(file, [lines[0], '{"broken":', ...lines.slice(1)].join('\n'))
  await expect(aSandbox({ dataDir })).rejects.toThrow(/damaged at line 2/)
  writeFileSync(file, 'something else\n')
  await expect(aSandbox({ dataDir })).rejects.toThrow(SandboxStartError)
  writeFileSync(file, state)
  const second = await aSandbox({ dataDir })
  expect(second.control.ledger({}).entries).toHaveLength(4)
})

test('one directory serves one sandbox at a time; the lock of a dead process does not count', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  await expect(aSandbox({ dataDir })).rejects.toThrow(/--data .* is in use/)
  await first.close()
  expect(existsSync(join(dataDir, 'lock'))).toBe(false)
  writeFileSync(join(dataDir, 'lock'), '4194304')
  const second = await aSandbox({ dataDir })
  await second.close()
  writeFileSync(join(dataDir, 'lock'), String(process.ppid))
  await expect(aSandbox({ dataDir })).rejects.toThrow(String(process.ppid))
})

test('keys and state can be read by their owner only', async () => {
  if (process.platform === 'win32') return
  const { info, infoFile } = await aSandbox()
  for (const file of [infoFile, info.keyFile, info.certFile, info.caFile, join(infoFile, '../state.jsonl')]) {
    expect(statSync(file).mode & 0o777).toBe(0o600)
  }
})

test('a seed repeats the text keys, a start without one never does', async () => {
  const [a, b, c] = [
    await aSandbox({ dataDir: emptyDirectory(), secretsSeed: 'demo' }),
    await aSandbox({ dataDir: emptyDirectory(), secretsSeed: 'demo' }),
    await aSandbox({ dataDir: emptyDirectory() }),
  ]
  expect(b.info.v3Key).toBe(a.info.v3Key)
  expect(b.info.mchid).toBe(a.info.mchid)
  expect(c.info.v3Key).not.toBe(a.info.v3Key)
  expect(a.info.v2Key).toMatch(/^[A-Za-z0-9]{32}$/)
  expect(a.info.v3Key).toMatch(/^[A-Za-z0-9]{32}$/)
  expect(a.info.v2Key).not.toBe(a.info.v3Key)
  // Fifteen RSA keys: seconds on a busy machine.
})

test('a missing key file is named', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  await first.close()
  const { rmSync } = await import('node:fs')
  rmSync(join(dataDir, 'apiclient_cert.pem'))
  await expect(aSandbox({ dataDir })).rejects.toThrow('apiclient_cert.pem')
})

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a killed process that nobody has collected does not hold the directory', async () => {
  const dataDir = await newDirectory()
  const lock = join(dataDir, 'lock')
  const negligent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
  try {
    const [line] = await once(negligent.stdout, 'data')
    const child = Number(String(line))
    writeFileSync(lock, String(child))
    await expect(aSandbox({ dataDir })).rejects.toThrow(`in use by process ${child}`)
    // Until it has become something else, the shell still collects its children.
    while (readFileSync(`/proc/${negligent.pid}/comm`, 'latin1') !== 'sleep\n') await setTimeout(10)
    process.kill(child, 'SIGKILL')
    while (!/\) Z /.test(readFileSync(`/proc/${child}/stat`, 'latin1'))) await setTimeout(10)
    const sandbox = await aSandbox({ dataDir })
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid))
    await sandbox.close()
  } finally {
    negligent.kill('SIGKILL')
  }
})
