/** @module What other SDKs do with questionable messages, by running them; the table in the README is made of this one. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
const [T, R] = ['takes it', 'refuses'] as const
type Verdict = typeof T | typeof R
type Sdk = 'wxpay-core' | 'tenpay' | 'wechatpay-node-v3' | 'wechatpay-axios-plugin' | 'node-easywechat'
const SDKS: readonly Sdk[] = [
  'wxpay-core',
  'tenpay',
  'wechatpay-node-v3',
  'wechatpay-axios-plugin',
  'node-easywechat',
]

/** What is asked, how the README says it, and what each answers; a protocol that an SDK does not speak is left out. */
const ROWS: readonly (readonly [string, string, Partial<Record<Sdk, Verdict>>])[] = [
  [
    'v2 genuine',
    'v2: a genuine notification, HMAC-SHA256',
    { 'wxpay-core': T, tenpay: T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
  [
    'v2 unsigned',
    'v2: one without a signature',
    { 'wxpay-core': R, tenpay: R, 'wechatpay-axios-plugin': R, 'node-easywechat': T },
  ],
  [
    'v2 downgraded',
    'v2: one signed with MD5, where HMAC-SHA256 was chosen',
    { 'wxpay-core': R, tenpay: T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
  [
    'v2 twice',
    'v2: one that names its amount twice',
    { 'wxpay-core': R, tenpay: R, 'wechatpay-axios-plugin': R, 'node-easywechat': T },
  ],
  [
    'v2 spliced',
    'v2: one with a comment inside its amount',
    { 'wxpay-core': R, tenpay: T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
  [
    'v3 genuine',
    'v3: a genuine signature',
    { 'wxpay-core': T, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
  [
    'v3 old',
    'v3: one that is an hour old',
    { 'wxpay-core': R, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': R, 'node-easywechat': R },
  ],
  [
    'v3 from the future',
    'v3: one from an hour ahead',
    { 'wxpay-core': R, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': R, 'node-easywechat': T },
  ],
  [
    'v3 sealed',
    'v3: a genuine ciphertext',
    { 'wxpay-core': T, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
  [
    'v3 tampered',
    'v3: one with a bit turned over',
    { 'wxpay-core': R, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': R, 'node-easywechat': R },
  ],
]

test('every SDK answers as the table says', () => {
  const script = join(root, 'tests', 'bench', 'wxpay-core', 'ask-peers.mjs')
  const told = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  expect(told).toEqual(Object.fromEntries(ROWS.map(([what, , answers]) => [what, answers])))
}, 60_000)

test('the README shows this table and no other', () => {
  const lines = [
    `| | ${SDKS.join(' | ')} |`,
    `| --- | ${SDKS.map(() => '---').join(' | ')} |`,
    ...ROWS.map(([, said, answers]) => {
      const cells = SDKS.map((sdk) => answers[sdk] ?? '–')
      return `| ${said} | ${cells.join(' | ')} |`
    }),
  ]
  const readme = readFileSync(join(root, 'packages', 'wxpay-core', 'README.md'), 'utf8')
  expect(readme).toContain(lines.join('\n'))
})

test('other SDKs are nowhere but beside the tests: nothing of them ships', () => {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  for (const folder of ['.', 'packages/wxpay-core', 'packages/backend', 'packages/gateway-wechat']) {
    const { dependencies = {}, devDependencies = {} } = manifest(folder)
    for (const sdk of SDKS.slice(1)) expect({ ...dependencies, ...devDependencies }).not.toHaveProperty(sdk)
  }
})
