/** @module The tools of a support case, verify, decrypt and sign, with the keys that are configured. */
import { isUtf8 } from 'node:buffer'
import { assertApiV2Key } from '../checks.ts'
import { isObject, objectOf, optionalTextOf, parseJsonObject, textOf } from '../json.ts'
import { readMerchantKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import { notificationApi } from '../notify.ts'
import { decryptReqInfo, readReqInfoKey } from '../v2/req-info.ts'
import {
  createV2Signer,
  isAmbiguous,
  isSignedBy,
  joinSorted,
  joinSortedMap,
  type V2Value,
} from '../v2/sign.ts'
import { readFlatXml } from '../v2/xml.ts'
import { decryptResource, readApiV3Key } from '../v3/aes-gcm.ts'
import { authorization, requestMessage, signRsaSha256 } from '../v3/sign.ts'
import { createV3Verifier } from '../v3/verifier.ts'
import {
  type CommandIo,
  readArguments,
  readBytes,
  reading,
  readSettings,
  type Settings,
  signTypeOf,
  UsageError,
} from './command.ts'

/** Whether a body is genuine. */
export async function verify(args: readonly string[], io: CommandIo): Promise<boolean> {
  const { options, rest } = readArguments(args, { values: ['env-file', 'headers', 'at'] })
  const settings = readSettings(io, options.get('env-file'))
  const body = readBytes(rest[0], 'the body')
  if (notificationApi(body) === 'v2') {
    return verifyV2(
      reading(rest[0], 'message of APIv2', () => readFlatXml(body)),
      settings,
      io,
    )
  }
  const headers = readBytes(options.get('headers'), '--headers').toString('utf8')
  const header = reading(options.get('headers'), 'list of headers', () => readHeaders(headers))
  const at = options.get('at')
  if (at !== undefined && !/^[0-9]{1,12}$/.test(at)) throw new UsageError('--at must be seconds since 1970')
  const certificate = settings.pem('WXPAY_PLATFORM_CERT')
  const [id, pem] = [settings.get('WXPAY_PUBLIC_KEY_ID'), settings.pem('WXPAY_PUBLIC_KEY')]
  const verifier = createV3Verifier({
    ...(id === undefined || pem === undefined ? {} : { publicKey: { id, pem } }),
    ...(certificate === undefined ? {} : { platformCertificates: [certificate] }),
    clock: at === undefined ? io.clock : () => Number(at) * 1000,
  })
  const verdict = await verifier.verify({
    timestamp: header('wechatpay-timestamp'),
    nonce: header('wechatpay-nonce'),
    serial: header('wechatpay-serial'),
    signature: header('wechatpay-signature'),
    body,
  })
  if (verdict.genuine) {
    io.print(`genuine: signed by ${verdict.serial}, ${body.length} bytes`)
    return true
  }
  io.print(`NOT genuine (${verdict.doubt}): ${verdict.reason}`)
  io.print(
    `  it names the key ${header('wechatpay-serial') ?? '–'}; configured: ${verifier.serials().join(', ')}`,
  )
  if (verdict.doubt === 'clock') io.print('  give the time it arrived with --at, if it is an old one')
  if (verdict.doubt === 'badSignature') {
    io.print('  the body must be the raw bytes: one that was parsed and written again has another signature')
  }
  return false
}

function verifyV2(message: ReadonlyMap<string, string>, settings: Settings, io: CommandIo): boolean {
  if (message.has('req_info')) {
    io.print(
      'NOT verifiable: v2 refund notifications are not signed. Query the refund instead of believing it',
    )
    return false
  }
  const signer = v2Signer(settings)
  const genuine = isSignedBy(message, signer)
  io.print(`${genuine ? 'genuine' : 'NOT genuine'}: ${signer.signType}, ${message.size} members`)
  if (!genuine) {
    io.print(`  signed text, before &key=…: ${joinSortedMap(message)}`)
    const other = (message.get('sign') ?? '').length === 32 ? 'MD5' : 'HMAC-SHA256'
    if (other !== signer.signType) io.print(`  its sign has the length of ${other}: see WXPAY_V2_SIGN_TYPE`)
  }
  if (isAmbiguous(message))
    io.print('  a value contains &: the signed text can be cut in more than one way. Query')
  return genuine
}

/** What an encrypted notification says. */
export async function decrypt(args: readonly string[], io: CommandIo): Promise<boolean> {
  const { options, rest } = readArguments(args, { values: ['env-file'] })
  const settings = readSettings(io, options.get('env-file'))
  const body = readBytes(rest[0], 'the notification')
  const plain = reading(rest[0], 'notification', () =>
    notificationApi(body) === 'v2' ? openV2(body, settings) : openV3(body, settings),
  )
  if (plain === null || !isUtf8(plain)) {
    io.print('it does not open with the configured key')
    return false
  }
  io.print(plain.toString('utf8'))
  io.complain('decrypted, not verified: this proves nothing about who sent it')
  return true
}

function openV2(body: Buffer, settings: Settings): Buffer | null {
  const reqInfo = readFlatXml(body).get('req_info')
  if (reqInfo === undefined)
    throw new UsageError('there is no req_info in it: payment notifications are not encrypted')
  return decryptReqInfo(reqInfo, readReqInfoKey(needed(settings, 'WXPAY_V2_KEY')))
}

function openV3(body: Buffer, settings: Settings): Buffer | null {
  const resource = objectOf(parseJsonObject(body), 'resource')
  const sealed = {
    algorithm: textOf(resource, 'algorithm'),
    nonce: textOf(resource, 'nonce'),
    ciphertext: textOf(resource, 'ciphertext'),
    associated_data: optionalTextOf(resource, 'associated_data') ?? '',
  }
  return decryptResource(sealed, readApiV3Key(needed(settings, 'WXPAY_V3_KEY')))
}

/** The text that is signed and its signature. */
export async function sign(args: readonly string[], io: CommandIo): Promise<boolean> {
  const [api, ...others] = args
  const { options, rest } = readArguments(others, {
    values: ['env-file', 'method', 'path', 'timestamp', 'nonce'],
  })
  const settings = readSettings(io, options.get('env-file'))
  if (api === 'v2') return signV2Members(rest[0], settings, io)
  if (api !== 'v3') throw new UsageError('sign v2 or sign v3?')
  const { privateKey, serialNo } = readMerchantKey({
    privateKeyPem: settings.pem('WXPAY_KEY') ?? '',
    certificatePem: settings.pem('WXPAY_CERT'),
  })
  const method = options.get('method') ?? 'GET'
  const path = options.get('path') ?? ''
  if (!path.startsWith('/'))
    throw new UsageError('--path must begin with /, and hold the query as it is sent')
  const timestamp = options.get('timestamp') ?? String(Math.floor(io.clock() / 1000))
  const random = options.get('nonce') ?? nonce()
  const body = rest[0] === undefined ? '' : readBytes(rest[0], 'the body').toString('utf8')
  const message = requestMessage({ method, path, timestamp, nonce: random, body })
  const signature = signRsaSha256(message, privateKey)
  const mchid = needed(settings, 'WXPAY_MCHID')
  io.print(
    `the signed text, ${Buffer.byteLength(message)} bytes, each line ending with a line feed:\n${message}`,
  )
  io.print(`Authorization: ${authorization({ mchid, serialNo, timestamp, nonce: random, signature })}`)
  io.complain(
    'whoever has this Authorization can send this very request until five minutes after its timestamp',
  )
  return true
}

function signV2Members(file: string | undefined, settings: Settings, io: CommandIo): boolean {
  const bytes = readBytes(file, 'the members as JSON')
  const json = reading(file, 'JSON of members', () => parseJsonObject(bytes))
  const members: Record<string, V2Value> = {}
  for (const [name, value] of Object.entries(json)) {
    if (isObject(value) || Array.isArray(value) || typeof value === 'boolean') {
      throw new UsageError(`${name} must be text or a number`)
    }
    members[name] = typeof value === 'string' || typeof value === 'number' ? value : null
  }
  const signer = v2Signer(settings)
  const joined = joinSorted(members)
  io.print(`the signed text, before &key=…:\n${joined}`)
  io.print(`sign (${signer.signType}): ${signer.sign(joined)}`)
  return true
}

function v2Signer(settings: Settings) {
  const key = needed(settings, 'WXPAY_V2_KEY')
  assertApiV2Key('WXPAY_V2_KEY', key)
  return createV2Signer(key, signTypeOf(settings))
}

function needed(settings: Settings, name: string): string {
  const value = settings.get(name)
  if (value === undefined) throw new UsageError(`${name} is not set`)
  return value
}

/**
 * Headers as a JSON object, or as `Name: value` lines. A name that comes twice has no value, as with a notification: nobody can
 * say which was meant.
 */
function readHeaders(text: string): (name: string) => string | undefined {
  const found = new Map<string, string | undefined>()
  const note = (name: string, value: string): void => {
    const key = name.trim().toLowerCase()
    found.set(key, found.has(key) ? undefined : value)
  }
  if (text.trimStart().startsWith('{')) {
    for (const [name, value] of Object.entries(parseJsonObject(Buffer.from(text)))) {
      if (typeof value === 'string') note(name, value)
    }
  } else {
    for (const line of text.split(/\r?\n/)) {
      const colon = line.indexOf(':')
      if (colon > 0) note(line.slice(0, colon), line.slice(colon + 1).trim())
    }
  }
  return (name) => found.get(name)
}
