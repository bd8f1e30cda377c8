/**
 * @module Why an APIv2 sign was refused: tries what people usually get wrong about it.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Core } from '../core.ts'
import type { SignType } from '../state/tables.ts'
import { type Fields, readXml } from '../v2/xml.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { JournalEntry } from './journal.ts'

type Pair = readonly [name: string, value: string]

/** Keys never leave: in what is shown the key is written like this. */
const MASK = '<APIv2 key>'

export function diagnoseV2({ identity }: Core, { body }: JournalEntry): Diagnosis {
  const reading = readXml(body)
  if (!reading.ok) {
    const finding = '请求体不是微信支付的 XML (empty, not UTF-8, or not a flat <xml> document)'
    return { ok: false, expected: '', signed: null, finding }
  }
  const { fields } = reading
  const stated: SignType = fields.get('sign_type') === 'HMAC-SHA256' ? 'HMAC-SHA256' : 'MD5'
  const given = fields.get('sign') ?? ''
  const right = lineOf(usual(fields))
  const expected = `${right}&key=${MASK}`
  const key = identity.v2Key
  if (given === '') return { ok: false, expected, signed: null, finding: '没有 sign (the member is missing)' }
  const digest = (line: string, signType: SignType, by: string): string => {
    const text = `${line}&key=${by}`
    const hash = signType === 'MD5' ? createHash('md5') : createHmac('sha256', by)
    return hash.update(text).digest('hex').toUpperCase()
  }
  if (given === digest(right, stated, key))
    return { ok: true, expected, signed: expected, finding: '签名正确 (correct)' }
  const found = guesses(fields, stated, right).find(
    ({ line, signType, keyOf }) => given.toUpperCase() === digest(line, signType ?? stated, keyOf(identity)),
  )
  if (found !== undefined) {
    return {
      ok: false,
      expected,
      signed: `${found.line}&key=${found.shownKey ?? MASK}`,
      finding: found.finding,
    }
  }
  const looksRight = stated === 'MD5' ? 32 : 64
  return {
    ok: false,
    expected,
    signed: null,
    finding:
      given.length === looksRight
        ? 'APIv2 密钥不同，或签名的是另一个字符串：逐项比较 (another key, or another string: compare member by member)'
        : `sign 有 ${given.length} 个字符，${stated} 应为 ${looksRight} 个 (its length does not fit ${stated})`,
  }
}

interface Guess {
  readonly finding: string
  readonly line: string
  readonly signType?: SignType
  readonly keyOf: (identity: Core['identity']) => string
  readonly shownKey?: string
}

function guesses(fields: Fields, stated: SignType, right: string): Guess[] {
  const v2 = (identity: Core['identity']): string => identity.v2Key
  const other: SignType = stated === 'MD5' ? 'HMAC-SHA256' : 'MD5'
  const all = [...fields].filter(([name]) => name !== 'sign')
  const list: (Omit<Guess, 'keyOf'> & Partial<Guess>)[] = [
    {
      finding: 'sign 应为大写十六进制 (the hex digits must be in capitals)',
      line: right,
    },
    {
      finding: `用 ${other} 签名，但 sign_type 是 ${stated} (signed with ${other}; say so in sign_type)`,
      line: right,
      signType: other,
    },
    {
      finding: '没有签 sign_type (sign_type belongs to the signed members)',
      line: lineOf(usual(fields).filter(([name]) => name !== 'sign_type')),
    },
    { finding: '空值成员不参与签名 (members without a value are not signed)', line: lineOf(sorted(all)) },
    {
      finding: '成员没有按 ASCII 排序 (members must be sorted by name)',
      line: lineOf(all.filter(([, value]) => value !== '')),
    },
    {
      finding: '应按 ASCII 区分大小写排序 (sort case-sensitively, by bytes)',
      line: lineOf([...usual(fields)].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))),
    },
    {
      finding: '签名前不要 URL 编码 (values are signed raw, not URL-encoded)',
      line: lineOf(usual(fields).map(([name, value]) => [name, encodeURIComponent(value)] as const)),
    },
    {
      finding: '用了 APIv3 密钥，应为 APIv2 密钥 (the APIv3 key was used)',
      line: right,
      keyOf: ({ v3Key }) => v3Key,
      shownKey: '<APIv3 key>',
    },
    {
      finding: '用了小程序密钥 AppSecret，应为 APIv2 密钥 (the AppSecret was used)',
      line: right,
      keyOf: ({ appSecret }) => appSecret,
      shownKey: '<AppSecret>',
    },
  ]
  return list.map((guess) => ({ keyOf: v2, ...guess }))
}

function usual(fields: Fields): Pair[] {
  return sorted([...fields].filter(([name, value]) => name !== 'sign' && value !== ''))
}

function sorted(pairs: readonly Pair[]): Pair[] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function lineOf(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}
