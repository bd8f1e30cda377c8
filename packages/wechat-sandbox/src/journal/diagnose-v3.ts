/**
 * @module Why an APIv3 Authorization was refused: tries what people usually sign instead of the right string.
 */
import { createVerify, publicDecrypt } from 'node:crypto'
import type { Core } from '../core.ts'
import { parseAuthorization } from '../v3/authorization.ts'
import type { Diagnosis, Mistake } from './diagnosis.ts'
import type { JournalEntry } from './journal.ts'

const MAX_SKEW_S = 300

export function diagnoseV3({ identity }: Core, entry: JournalEntry): Diagnosis {
  const { method, url, headers, body, realAt } = entry
  const given = parseAuthorization(headers.authorization)
  const parts = given ?? { timestamp: '<timestamp>', nonce: '<nonce_str>' }
  const text = body.toString('utf8')
  const join = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')
  const expected = join(method, url, parts.timestamp, parts.nonce, text)
  const say = (finding: string, signed: string | null = null): Diagnosis => ({
    ok: false,
    expected,
    signed,
    finding,
  })
  if (given === undefined) {
    return say(
      headers.authorization === undefined
        ? '没有 Authorization 头 (the header is missing)'
        : 'Authorization 必须是 WECHATPAY2-SHA256-RSA2048 加五个带引号的成员 (scheme, mchid, nonce_str, signature, timestamp, serial_no, each once, in double quotes)',
    )
  }
  const skewS = Math.round(realAt / 1000 - Number(given.timestamp))
  if (!/^\d{1,13}$/.test(given.timestamp))
    return say('timestamp 必须是十进制秒 (timestamp must be whole seconds)')
  if (Math.abs(skewS) > MAX_SKEW_S) {
    const isMs = Math.abs(realAt - Number(given.timestamp)) < MAX_SKEW_S * 1000
    return say(
      isMs
        ? 'timestamp 是毫秒，应为秒 (it is in milliseconds; divide by 1000)'
        : `timestamp 与真实时间相差 ${skewS} 秒 (off by ${skewS} s; signatures go by real time, not the virtual clock)`,
    )
  }
  if (given.mchid !== identity.mchid)
    return say(`mchid 是 ${given.mchid}，应为 ${identity.mchid} (another merchant)`)
  if (given.serialNo.toUpperCase() !== identity.serialNo) {
    const isPlatform = given.serialNo.toUpperCase() === identity.platformSerialNo
    return say(
      isPlatform
        ? `serial_no 是平台证书序列号，应为商户API证书序列号 ${identity.serialNo} (that is the platform's; use the merchant's)`
        : `serial_no 应为 ${identity.serialNo} (the merchant API certificate's serial)`,
    )
  }
  const verifies = (message: string): boolean =>
    createVerify('RSA-SHA256').update(message).verify(identity.merchantPublicKey, given.signature, 'base64')
  if (verifies(expected)) return { ok: true, expected, signed: expected, finding: '签名正确 (correct)' }
  const found = mistakes({ method, url, text, ...given }).find(({ signed }) => verifies(signed))
  if (found !== undefined) return say(found.finding, found.signed)
  return say(
    isOfOurKey(identity.merchantPublicKey, given.signature)
      ? '私钥正确，但签名的是另一个字符串：逐行比较 (right key, another string: compare line by line what your code signs)'
      : '签名不是用本商户私钥 (apiclient_key.pem) 生成的，或 base64 已损坏 (another private key, or damaged base64: a + that became a space?)',
  )
}

function mistakes(request: {
  method: string
  url: string
  text: string
  timestamp: string
  nonce: string
}): Mistake[] {
  const { method, url, text, timestamp, nonce } = request
  const sign = (parts: Partial<typeof request>): string => {
    const all = { ...request, ...parts }
    return `${all.method}\n${all.url}\n${all.timestamp}\n${all.nonce}\n${all.text}\n`
  }
  const right = sign({})
  const [path = ''] = url.split('?')
  const canonical = reserialised(text)
  return [
    { finding: '结尾少了换行符 \\n (the last line feed is missing)', signed: right.slice(0, -1) },
    { finding: '没有签查询串 (the query was left out of the URL)', signed: sign({ url: path }) },
    {
      finding: '签了完整网址，应只签路径和查询串 (sign path and query only, not the host)',
      signed: sign({ url: `https://api.mch.weixin.qq.com${url}` }),
    },
    { finding: '没有签请求体 (the body was left out)', signed: sign({ text: '' }) },
    {
      finding: '空请求体少了一行 (an empty body still has its line feed)',
      signed: `${method}\n${url}\n${timestamp}\n${nonce}\n`,
    },
    {
      finding:
        '签名后请求体被重新序列化 (the body was serialised again after signing: sign the bytes you send)',
      signed: canonical === undefined ? '' : sign({ text: canonical }),
    },
    {
      finding: '签了转义前的路径 (sign the path as it is on the wire, percent-encoded)',
      signed: sign({ url: decoded(url) }),
    },
    {
      finding: '方法应大写 (the method must be in capitals)',
      signed: sign({ method: method.toLowerCase() }),
    },
    { finding: '用了 \\r\\n，应为 \\n (CRLF instead of LF)', signed: right.replaceAll('\n', '\r\n') },
    {
      finding: '换行写成了两个字符 \\ 和 n (a backslash and an n instead of a line feed)',
      signed: right.replaceAll('\n', '\\n'),
    },
    {
      finding: 'nonce 与 timestamp 顺序反了 (timestamp comes before nonce_str)',
      signed: `${method}\n${url}\n${nonce}\n${timestamp}\n${text}\n`,
    },
    ...['{}', 'null', 'undefined'].map((one) => ({
      finding: `没有请求体，却签了 ${one} (nothing was sent, but ${one} was signed)`,
      signed: sign({ text: one }),
    })),
  ]
}

function reserialised(text: string): string | undefined {
  try {
    const json: unknown = JSON.parse(text)
    const tight = JSON.stringify(json)
    return tight === text ? JSON.stringify(json, null, 2) : tight
  } catch {
    return undefined
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

// A signature of our own key opens with its public half, whatever was signed.
function isOfOurKey(key: Parameters<typeof publicDecrypt>[0], signature: string): boolean {
  try {
    publicDecrypt(key, Buffer.from(signature, 'base64'))
    return true
  } catch {
    return false
  }
}
