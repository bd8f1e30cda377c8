/**
 * @module A minimal merchant written with node:crypto alone: signs, calls, verifies, pays. Shares no code with the SDK.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  type KeyObject,
  randomBytes,
  type X509Certificate,
} from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, type SandboxOptions, startSandbox } from 'wechat-sandbox'

// Five RSA key pairs, or sixty signed requests, can take longer than Jest's five seconds where many tests run at once.
jest.setTimeout(30_000)

/** A clock tests move by hand; it starts at a real instant so that certificates are valid. */
export const START = Date.parse('2026-11-22T02:00:00.000Z')

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The same, undecoded. */
  readonly bytes: Buffer
}

export function send(
  url: string,
  options: {
    method?: string
    headers?: Record<string, string>
    body?: string | Buffer
    ca?: string
    /** The TLS client certificate, when one is shown. */
    cert?: string
    key?: string
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url)
    const make = target.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = make(
      target,
      {
        method: options.method ?? 'GET',
        path: url.slice(target.origin.length) || '/',
        headers: options.headers ?? {},
        agent: false,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
        ...(options.cert === undefined ? {} : { cert: options.cert, key: options.key }),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('aborted', () => reject(new Error('aborted')))
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString('utf8'),
            bytes: Buffer.concat(chunks),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

const directories: string[] = []
const sandboxes: Sandbox[] = []
const shops: Shop[] = []

export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'wechat-sandbox-test-'))
  directories.push(directory)
  return directory
}

let template: Promise<string> | undefined

/** A data directory that has keys already: five RSA pairs take a second, and most tests don't care whose they are. */
export async function newDirectory(): Promise<string> {
  template ??= makeKeys()
  const directory = emptyDirectory()
  cpSync(await template, directory, { recursive: true })
  return directory
}

async function makeKeys(): Promise<string> {
  const dataDir = emptyDirectory()
  await (await startSandbox({ dataDir })).close()
  for (const file of ['state.jsonl', 'sandbox.json']) rmSync(join(dataDir, file))
  return dataDir
}

/** A sandbox whose real clock stands at START unless the test moves `time.now`. */
export async function aSandbox(
  options: Partial<SandboxOptions> & { time?: { now: number } } = {},
): Promise<Sandbox> {
  const { time = { now: START }, ...rest } = options
  const sandbox = await startSandbox({
    dataDir: rest.dataDir ?? (await newDirectory()),
    clock: () => time.now,
    ...rest,
  })
  sandboxes.push(sandbox)
  return sandbox
}

/** After a test whose keys the next one may use again. */
export async function closeAll(): Promise<void> {
  for (const shop of shops.splice(0)) await shop.close()
  for (const sandbox of sandboxes.splice(0)) await sandbox.close()
}

export async function cleanUp(): Promise<void> {
  await closeAll()
  template = undefined
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
}

export interface V3Override {
  readonly authorization?: string | null
  readonly timestamp?: string
  readonly nonce?: string
  readonly mchid?: string
  readonly serialNo?: string
  readonly signedBody?: string
  readonly key?: KeyObject
  readonly headers?: Record<string, string | null>
}

/** What the merchant's server does, from sandbox.json alone. */
export class Merchant {
  readonly sandbox: Sandbox
  readonly key: KeyObject
  readonly publicModeKey: KeyObject
  realNow: () => number

  constructor(sandbox: Sandbox, realNow: () => number = () => START) {
    this.sandbox = sandbox
    this.realNow = realNow
    this.key = createPrivateKey(readFileSync(sandbox.info.keyFile, 'utf8'))
    this.publicModeKey = createPublicKey(readFileSync(sandbox.info.publicKeyFile, 'utf8'))
  }

  async v3(method: string, path: string, body?: unknown, override: V3Override = {}): Promise<Answer> {
    const { info } = this.sandbox
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const timestamp = override.timestamp ?? String(Math.floor(this.realNow() / 1000))
    const nonce = override.nonce ?? randomBytes(16).toString('hex')
    const message = `${method}\n${path}\n${timestamp}\n${nonce}\n${override.signedBody ?? text}\n`
    const signature = createSign('RSA-SHA256')
      .update(message)
      .sign(override.key ?? this.key, 'base64')
    const authorization =
      override.authorization === undefined
        ? `WECHATPAY2-SHA256-RSA2048 mchid="${override.mchid ?? info.mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${timestamp}",serial_no="${override.serialNo ?? info.serialNo}"`
        : override.authorization
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': 'sandbox-tests',
      'Wechatpay-Serial': info.publicKeyId,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(authorization === null ? {} : { Authorization: authorization }),
    }
    for (const [name, value] of Object.entries(override.headers ?? {})) {
      if (value === null) delete headers[name]
      else headers[name] = value
    }
    return send(`${info.baseUrl}${path}`, {
      method,
      headers,
      ca: this.sandbox.caPem,
      ...(body === undefined ? {} : { body: text }),
    })
  }

  /** Verifies a signed v3 answer or notification with the public key (or the certificate given). */
  isGenuine(headers: IncomingHttpHeaders, body: string, certificate?: X509Certificate): boolean {
    const [timestamp, nonce, signature] = ['timestamp', 'nonce', 'signature'].map(
      (name) => headers[`wechatpay-${name}`] ?? '',
    )
    return createVerify('RSA-SHA256')
      .update(`${timestamp}\n${nonce}\n${body}\n`)
      .verify(certificate?.publicKey ?? this.publicModeKey, String(signature), 'base64')
  }

  order(override: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      appid: this.sandbox.info.appid,
      mchid: this.sandbox.info.mchid,
      description: '一杯咖啡',
      out_trade_no: 'ORDER-0001',
      notify_url: 'http://127.0.0.1:9/wxpay/notify/payment',
      amount: { total: 1999, currency: 'CNY' },
      payer: { openid: 'openid-alice' },
      ...override,
    }
  }

  async prepay(override: Record<string, unknown> = {}): Promise<string> {
    const answer = await this.v3('POST', '/v3/pay/transactions/jsapi', this.order(override))
    if (answer.status !== 200) throw new Error(`prepay was refused: ${answer.status} ${answer.body}`)
    return String(JSON.parse(answer.body).prepay_id)
  }

  query(outTradeNo = 'ORDER-0001'): Promise<Answer> {
    return this.v3('GET', `/v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${this.sandbox.info.mchid}`)
  }

  close(outTradeNo = 'ORDER-0001'): Promise<Answer> {
    return this.v3('POST', `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`, {
      mchid: this.sandbox.info.mchid,
    })
  }

  /** The parameters of wx.requestPayment for a v3 order. */
  payParameters(prepayId: string): Record<string, string> {
    const timeStamp = String(Math.floor(this.realNow() / 1000))
    const nonceStr = randomBytes(16).toString('hex')
    const message = `${this.sandbox.info.appid}\n${timeStamp}\n${nonceStr}\nprepay_id=${prepayId}\n`
    return {
      timeStamp,
      nonceStr,
      package: `prepay_id=${prepayId}`,
      signType: 'RSA',
      paySign: createSign('RSA-SHA256').update(message).sign(this.key, 'base64'),
    }
  }

  payParametersV2(prepayId: string, signType: 'MD5' | 'HMAC-SHA256'): Record<string, string> {
    const members = {
      appId: this.sandbox.info.appid,
      timeStamp: String(Math.floor(this.realNow() / 1000)),
      nonceStr: 'abcdef',
      package: `prepay_id=${prepayId}`,
      signType,
    }
    const { appId: _appId, ...parameters } = members
    return { ...parameters, paySign: this.signV2(members, signType) }
  }

  /** Buys: orders, opens the cashier and pays as alice. */
  async buy(override: Record<string, unknown> = {}): Promise<{ errMsg: string }> {
    const prepayId = await this.prepay(override)
    return this.sandbox.control.cashier({
      ...this.payParameters(prepayId),
      openid: 'openid-alice',
      action: 'pay',
    })
  }

  signV2(members: Record<string, string | number>, signType: 'MD5' | 'HMAC-SHA256'): string {
    const { v2Key } = this.sandbox.info
    const text = Object.keys(members)
      .filter((name) => name !== 'sign' && members[name] !== '')
      .sort()
      .map((name) => `${name}=${members[name]}`)
      .concat(`key=${v2Key}`)
      .join('&')
    const hash = signType === 'MD5' ? createHash('md5') : createHmac('sha256', v2Key)
    return hash.update(text).digest('hex').toUpperCase()
  }

  orderV2(override: Record<string, string> = {}): Record<string, string> {
    return {
      appid: this.sandbox.info.appid,
      mch_id: this.sandbox.info.mchid,
      nonce_str: 'nonce',
      body: '一杯咖啡',
      out_trade_no: 'V2ORDER1',
      total_fee: '1999',
      spbill_create_ip: '127.0.0.1',
      notify_url: 'http://127.0.0.1:9/wxpay/notify/payment',
      trade_type: 'JSAPI',
      openid: 'openid-alice',
      ...override,
    }
  }

  async v2(
    path: string,
    members: Record<string, string>,
    signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
    certificate: { cert?: string; key?: string } = {},
  ): Promise<Answer & { fields: Record<string, string> }> {
    const signed = 'sign' in members ? members : this.signed(members, signType)
    return this.postXml(path, toXml(signed), certificate)
  }

  signed(
    members: Record<string, string>,
    signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
  ): Record<string, string> {
    const stated = { ...members, ...(signType === 'MD5' ? {} : { sign_type: signType }) }
    return { ...stated, sign: this.signV2(stated, signType) }
  }

  async postXml(
    path: string,
    xml: string | Buffer,
    certificate: { cert?: string; key?: string } = {},
  ): Promise<Answer & { fields: Record<string, string> }> {
    const answer = await send(`${this.sandbox.info.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/xml' },
      body: xml,
      ca: this.sandbox.caPem,
      ...certificate,
    })
    return { ...answer, fields: fromXml(answer.body) }
  }

  queryV2(outTradeNo = 'V2ORDER1') {
    const { appid, mchid } = this.sandbox.info
    return this.v2('/pay/orderquery', { appid, mch_id: mchid, nonce_str: 'n', out_trade_no: outTradeNo })
  }

  closeV2(outTradeNo = 'V2ORDER1') {
    const { appid, mchid } = this.sandbox.info
    return this.v2('/pay/closeorder', { appid, mch_id: mchid, nonce_str: 'n', out_trade_no: outTradeNo })
  }

  async buyV2(
    override: Record<string, string> = {},
    signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
  ): Promise<{ errMsg: string }> {
    const { fields } = await this.v2('/pay/unifiedorder', this.orderV2(override), signType)
    return this.sandbox.control.cashier({
      ...this.payParametersV2(fields.prepay_id ?? '', signType),
      openid: 'openid-alice',
      action: 'pay',
    })
  }

  /** The body of a v3 refund of the whole trade. */
  refundOf(outTradeNo: string, override: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      out_trade_no: outTradeNo,
      out_refund_no: `R-${outTradeNo}`,
      amount: { refund: 1999, total: 1999, currency: 'CNY' },
      ...override,
    }
  }

  refund(outTradeNo: string, override: Record<string, unknown> = {}): Promise<Answer> {
    return this.v3('POST', '/v3/refund/domestic/refunds', this.refundOf(outTradeNo, override))
  }

  queryRefund(outRefundNo: string): Promise<Answer> {
    return this.v3('GET', `/v3/refund/domestic/refunds/${outRefundNo}`)
  }

  /** The merchant's own certificate, as a TLS client shows it. */
  get certificate(): { cert: string; key: string } {
    const { certFile, keyFile } = this.sandbox.info
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  }

  common(): Record<string, string> {
    return { appid: this.sandbox.info.appid, mch_id: this.sandbox.info.mchid, nonce_str: 'n' }
  }

  refundV2(
    override: Record<string, string>,
    certificate: { cert?: string; key?: string } = this.certificate,
    signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
  ) {
    const members = { ...this.common(), total_fee: '1999', refund_fee: '1999', ...override }
    return this.v2('/secapi/pay/refund', members, signType, certificate)
  }

  queryRefundV2(by: Record<string, string>) {
    return this.v2('/pay/refundquery', { ...this.common(), ...by })
  }

  /** Opens req_info of a v2 refund notification: throws when the key is not this merchant's. */
  openReqInfo(reqInfo: string): Record<string, string> {
    const key = createHash('md5').update(this.sandbox.info.v2Key).digest('hex')
    const decipher = createDecipheriv('aes-256-ecb', key, null)
    const xml = Buffer.concat([decipher.update(reqInfo, 'base64'), decipher.final()]).toString('utf8')
    if (!xml.startsWith('<root>')) throw new Error('req_info holds no <root>')
    return fromXml(xml.slice('<root>'.length))
  }

  decrypt(resource: { nonce: string; associated_data: string; ciphertext: string }): string {
    const data = Buffer.from(resource.ciphertext, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', this.sandbox.info.v3Key, resource.nonce)
    decipher.setAAD(Buffer.from(resource.associated_data))
    decipher.setAuthTag(data.subarray(-16))
    return Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString('utf8')
  }
}

export function toXml(members: Record<string, string>): string {
  return `<xml>${Object.entries(members)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`
}

/** Reads the answers of the sandbox only: flat, CDATA or bare numbers. */
export function fromXml(xml: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [, name, cdata, text] of xml.matchAll(/<(\w+)>(?:<!\[CDATA\[([\s\S]*?)\]\]>|([^<]*))<\/\1>/g)) {
    if (name !== undefined) fields[name] = cdata ?? text ?? ''
  }
  return fields
}

/** Balance in fen of every account, summed from the whole ledger, and the proof that each cause sums to zero. */
export function books(sandbox: Sandbox): Record<string, number> {
  const accounts: Record<string, number> = {}
  const causes: Record<string, number> = {}
  for (let after = 0; ; ) {
    const { entries, nextAfter } = sandbox.control.ledger({ after })
    if (entries.length === 0) break
    for (const { account, cause, fen } of entries) {
      accounts[account] = (accounts[account] ?? 0) + fen
      causes[cause] = (causes[cause] ?? 0) + fen
    }
    after = nextAfter
  }
  const unbalanced = Object.entries(causes).filter(([, fen]) => fen !== 0)
  if (unbalanced.length > 0) throw new Error(`out of balance: ${JSON.stringify(unbalanced)}`)
  return accounts
}

/** The entries of one cause as `account: fen`. */
export function entriesOf(sandbox: Sandbox, cause: string): Record<string, number> {
  const found: Record<string, number> = {}
  for (let after = 0; ; ) {
    const { entries, nextAfter } = sandbox.control.ledger({ after })
    if (entries.length === 0) return found
    for (const entry of entries) if (entry.cause === cause) found[entry.account] = entry.fen
    after = nextAfter
  }
}

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Shop {
  readonly url: string
  readonly received: Received[]
  /** What the next notifications are answered with; undefined hangs. */
  reply: { status: number; body: string } | undefined
  close(): Promise<void>
}

/** The merchant's http endpoint on loopback that notifications arrive at. */
export async function aShop(): Promise<Shop> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      })
      if (shop.reply === undefined) return
      response.writeHead(shop.reply.status)
      response.end(shop.reply.body)
    })
  })
  const shop: Shop = {
    url: '',
    received,
    reply: { status: 204, body: '' },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? (address satisfies AddressInfo).port : 0
  shops.push(shop)
  return Object.assign(shop, { url: `http://127.0.0.1:${port}/wxpay/notify/payment` })
}
