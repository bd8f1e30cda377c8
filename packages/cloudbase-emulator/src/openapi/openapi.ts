/**
 * @module cloud.openapi.*: passed on to WeChat's API, or to what stands for it, with an access token of our own.
 *
 * On the platform the call carries the caller's right to it; here the app's secret gets the token.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'
import { type Action, RawAnswer } from '../action.ts'
import { CloudError, cloudErrors } from '../cloud-error.ts'
import { decodeOpenApiCall, encodeOpenApiAnswer, type Pair } from './protobuf.ts'

export interface WechatApi {
  /** As in https://api.weixin.qq.com, without a slash at its end. */
  readonly baseUrl: string
  readonly appid: string
  readonly secret: string
  /** A certificate (PEM) to trust beside those of Node. */
  readonly ca?: string
}

/** The calls that are passed on. All are POST with a JSON body and the token in the query. */
const PATHS: Readonly<Record<string, string>> = {
  'subscribeMessage.send': '/cgi-bin/message/subscribe/send',
  'security.msgSecCheck': '/wxa/msg_sec_check',
  'wxacode.get': '/wxa/getwxacode',
  'wxacode.getUnlimited': '/wxa/getwxacodeunlimit',
}

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const RENEW_BEFORE_MS = 300_000
const TOKEN_IS_BAD: readonly unknown[] = [40001, 40014, 42001]

interface Answered {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

export function openApiActions(
  api: WechatApi | undefined,
  now: () => number,
): Readonly<Record<string, Action>> {
  let token: { readonly text: string; readonly expiresAt: number } | undefined

  async function accessToken({ baseUrl, appid, secret, ca }: WechatApi): Promise<string> {
    if (token !== undefined && now() < token.expiresAt - RENEW_BEFORE_MS) return token.text
    const body = JSON.stringify({ grant_type: 'client_credential', appid, secret })
    const answer = jsonOf(await post(`${baseUrl}/cgi-bin/stable_token`, body, ca))
    const { access_token: text, expires_in: seconds } = answer ?? {}
    if (typeof text !== 'string' || typeof seconds !== 'number') {
      throw new CloudError(
        'SYS_ERR',
        `cloudbase-emulator: no access token, errcode ${String(answer?.errcode)}`,
      )
    }
    token = { text, expiresAt: now() + seconds * 1000 }
    return text
  }

  async function call(target: WechatApi, path: string, body: string): Promise<Answered> {
    const send = async (): Promise<Answered> =>
      post(`${target.baseUrl}${path}?access_token=${await accessToken(target)}`, body, target.ca)
    const answer = await send()
    if (!TOKEN_IS_BAD.includes(jsonOf(answer)?.errcode)) return answer
    token = undefined
    return send()
  }

  return {
    'wx.openApi': async (request) => {
      const name = request.text('apiName')
      const data = request.get('requestData')
      const cgi = request.optionalText('cgiName')
      request.assertAllRead()
      if (api === undefined) throw cloudErrors.notEmulated(`openapi.${name} without the option wechatApi`)
      const path = Object.hasOwn(PATHS, name) ? PATHS[name] : undefined
      if (path === undefined || cgi !== undefined) throw cloudErrors.notEmulated(`openapi.${name}`)
      if (!Buffer.isBuffer(data)) throw cloudErrors.invalid('requestData must be a part of a form')
      const answer = await call(api, path, bodyOf(name, decodeOpenApiCall(data)))
      return new RawAnswer(
        encodeOpenApiAnswer({
          body: answer.body,
          contentType: answer.contentType,
          httpStatus: answer.status,
        }),
      )
    },
  }
}

function bodyOf(name: string, pairs: readonly Pair[]): string {
  const members = pairs.map(({ key, value, contentType }) => {
    if (contentType !== null) throw cloudErrors.notEmulated(`the file ${key} of openapi.${name}`)
    return `${JSON.stringify(key)}:${value.toString('utf8')}`
  })
  return `{${members.join(',')}}`
}

function jsonOf({ body }: Answered): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function post(url: string, body: string, ca: string | undefined): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new CloudError('SYS_ERR', `cloudbase-emulator: WeChat’s API: ${why}`))
    const send = url.startsWith('https:') ? requestHttps : requestHttp
    const request = send(
      url,
      {
        method: 'POST',
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
    request.on('error', (error) => fail(error.message))
    request.end(body)
  })
}
