/**
 * Other people's SDKs, as npm has them, with WeChat's own host names built in: each runs in a process of its own, where
 * wechat-sandbox/redirect leads those names to the sandbox, and tells what it saw.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp } from '../wechat-sandbox/merchant.ts'

afterAll(cleanUp)

const REDIRECT = join(__dirname, '../../packages/wechat-sandbox/bin/redirect.cjs')

async function story(name: string, sandbox?: Sandbox): Promise<Record<string, unknown>> {
  // These programs sign with the machine's own time.
  const { infoFile } = sandbox ?? (await aSandbox({ clock: Date.now }))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', REDIRECT, join(__dirname, `${name}.mjs`)],
    {
      // One of them keeps certificates in files where it is started.
      cwd: dirname(infoFile),
      env: { ...process.env, WECHAT_SANDBOX: infoFile, NODE_OPTIONS: '' },
      timeout: 60_000,
    },
  )
  return JSON.parse(stdout)
}

const BILL = (number: string) => [
  [number, 'REFUND', '0.00', '5.00'],
  [number, 'SUCCESS', '19.99', '0.00'],
]

test('tenpay buys, closes, refunds, is notified and downloads its bills', async () => {
  expect(await story('tenpay')).toEqual({
    paidNotice: ['TENPAY-1', '1999', null],
    forged: true,
    paid: ['SUCCESS', '1999', 'openid-interop'],
    closed: 'CLOSED',
    accepted: ['TENPAY-R1', '500'],
    refundNotice: ['TENPAY-R1', 'SUCCESS'],
    refunded: ['SUCCESS', '500'],
    again: 'ERROR',
    bill: BILL('TENPAY-1'),
    flow: [
      ['交易', '19.99'],
      ['退款', '5.00'],
    ],
    none: 'No Bill Exist',
  })
})

test('wechatpay-axios-plugin does the same over APIv3 with the public key, and over APIv2', async () => {
  expect(await story('wechatpay-axios-plugin')).toEqual({
    paidNotice: [true, 'TRANSACTION.SUCCESS', 'AXIOS-1', 1999],
    paid: ['SUCCESS', 'AXIOS-1'],
    close: 204,
    refundNotice: [true, 'REFUND.SUCCESS', 'SUCCESS'],
    refunded: ['SUCCESS', 500],
    missing: [404, 'RESOURCE_NOT_EXISTS'],
    v2Notice: ['AXIOS-V2', true],
    v2Refund: ['SUCCESS', 'SUCCESS'],
    bill: [
      ...BILL('AXIOS-1'),
      ['AXIOS-V2', 'REFUND', '0.00', '1.00'],
      ['AXIOS-V2', 'SUCCESS', '1.00', '0.00'],
    ],
    hash: true,
    v2Bill: true,
  })
})

test('wechatpay-node-v3 does the same over APIv3 with the platform certificate it fetched', async () => {
  expect(await story('wechatpay-node-v3')).toEqual({
    paidNotice: [true, 'NODEV3-1', 1999],
    tampered: false,
    paid: ['SUCCESS', 'NODEV3-1'],
    closed: [204, 'CLOSED'],
    accepted: 'PROCESSING',
    refundNotice: [true, 'SUCCESS'],
    refunded: ['SUCCESS', 500],
    missing: [404, 'RESOURCE_NOT_EXISTS'],
    bill: BILL('NODEV3-1'),
    hash: true,
    flow: 200,
    certificate: [true],
  })
})

test('node-easywechat does the same over APIv3 and APIv2', async () => {
  expect(await story('node-easywechat')).toEqual({
    paidNotice: [true, 'EASY-1', 1999],
    stale: 'Clock Offset Exceeded',
    paid: 'SUCCESS',
    refundNotice: [true, 'SUCCESS'],
    refunded: 'SUCCESS',
    v2Notice: [true, 'EASY-V2'],
    v2Refund: 'SUCCESS',
    v2RefundNotice: 'SUCCESS',
    v2Refunded: 'SUCCESS',
    v2Closed: 'SUCCESS',
    bill: [...BILL('EASY-1'), ['EASY-V2', 'REFUND', '0.00', '1.00'], ['EASY-V2', 'SUCCESS', '1.00', '0.00']],
    hash: true,
  })
})

/** The JavaScript examples of the README that load an SDK. */
const examples = [
  ...readFileSync(join(__dirname, '../../packages/wechat-sandbox/README.md'), 'utf8').matchAll(
    /```js\n(import [\s\S]*?)```/g,
  ),
].map(([, code = '']) => code)

test.each([
  [0, 'wechatpay-axios-plugin'],
  [1, 'tenpay'],
])('example %i of the README, with %s, gets a prepay_id as it stands', async (index, sdk) => {
  const code = examples[index] ?? ''
  expect(code).toContain(`'${sdk}'`)
  const { info, infoFile } = await aSandbox({ clock: Date.now })
  // Beside the tests, where the SDKs are; started where sandbox.json lies as the example expects it.
  const folder = join(__dirname, '../output/readme')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${index}-${process.pid}.mjs`)
  writeFileSync(file, code.replace("'.wechat-sandbox/sandbox.json'", 'process.env.WECHAT_SANDBOX'))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    sdk === 'tenpay' ? ['--require', REDIRECT, file] : [file],
    {
      env: { ...process.env, WECHAT_SANDBOX: infoFile, NODE_EXTRA_CA_CERTS: info.caFile, NODE_OPTIONS: '' },
      timeout: 30_000,
    },
  )
  rmSync(file)
  expect(stdout).toMatch(/^wx\d{14}[0-9a-f]{20}\n$/)
})
