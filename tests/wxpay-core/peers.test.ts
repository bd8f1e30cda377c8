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
    'v3 probe',
    'v3: a probe of WeChat Pay (`WECHATPAY/SIGNTEST/`)',
    { 'wxpay-core': R, 'wechatpay-node-v3': R, 'wechatpay-axios-plugin': R, 'node-easywechat': R },
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
  [
    'v3 short tag',
    'v3: one with a tag of four bytes',
    { 'wxpay-core': R, 'wechatpay-node-v3': T, 'wechatpay-axios-plugin': T, 'node-easywechat': T },
  ],
]

/** What `peers/ask-features.mjs` finds out, and how the README says it. */
const FEATURES = {
  protocols: 'an order, a query and a refund over',
  outcome: 'an error tells, by one member, not sent, refused and unknown apart',
  'answers verified': 'answers with a wrong or no signature refused, without being asked to',
  'another order': 'a genuine answer about another order refused',
  'member twice': 'a genuine answer that names a member twice refused',
  'notification in one call': 'notification: verified, decrypted and read in one call',
  'abnormal refund': 'abnormal refunds (异常退款)',
  bills: 'a bill comes as',
  'bill hash': 'a bill that does not fit its hash refused',
  'bill cut off': 'a bill that was cut off refused',
  keys: 'public key and platform certificates side by side',
  fetches: 'fetches of certificates for five notifications with unknown serials',
  'refund repeated': 'a refund whose answer was lost, with the retries on offer',
  'failing refunds': 'twelve refunds that fail, at once (WeChat takes six a second)',
  api2: '`api2` when `api` cannot be reached, with the same number',
  'wrong keys': 'mistaken keys refused when it is set up',
  secrets: 'keys inside what it throws, at any depth',
  packages: 'packages installed',
} as const
type Feature = keyof typeof FEATURES

test('every SDK answers as the table says', () => {
  const script = join(root, 'tests', 'bench', 'wxpay-core', 'ask-peers.mjs')
  const told = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  expect(told).toEqual(Object.fromEntries(ROWS.map(([what, , answers]) => [what, answers])))
})

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

test('what each SDK can do stands in the README as it came out when each of them was run', () => {
  const script = join(__dirname, 'peers', 'ask-features.mjs')
  const told: Record<Feature, Record<Sdk, string>> = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  expect(Object.keys(told)).toEqual(Object.keys(FEATURES))
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'tests', 'package.json'), 'utf8'))
  const names = SDKS.map((sdk) => (sdk === 'wxpay-core' ? sdk : `${sdk} ${devDependencies[sdk]}`))
  const rows = Object.entries(FEATURES).map(([feature, said]) => {
    const cells = SDKS.map((sdk) => told[feature as Feature][sdk])
    return `| ${said} | ${cells.join(' | ')} |`
  })
  const table = [`| | ${names.join(' | ')} |`, `| --- | ${SDKS.map(() => '---').join(' | ')} |`, ...rows]
  const readme = readFileSync(join(root, 'packages', 'wxpay-core', 'README.md'), 'utf8')
  expect(tableIn(readme, 'an order, a query and a refund over')).toEqual(table)
}, 120_000)

/** The lines of the table that has this row. */
function tableIn(text: string, row: string): string[] {
  const tables = text.match(/(?:^\|.*\n)+/gm) ?? []
  return (tables.find((table) => table.includes(`| ${row} |`)) ?? '').trimEnd().split('\n')
}

test('other SDKs are nowhere but beside the tests: nothing of them ships', () => {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  for (const folder of ['.', 'packages/wxpay-core', 'packages/backend', 'packages/gateway-wechat']) {
    const { dependencies = {}, devDependencies = {} } = manifest(folder)
    for (const sdk of SDKS.slice(1)) expect({ ...dependencies, ...devDependencies }).not.toHaveProperty(sdk)
  }
})
