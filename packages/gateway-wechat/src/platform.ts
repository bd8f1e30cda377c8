/** @module The mini-program platform (微信小程序服务端, api.weixin.qq.com): login. */
import { Agent, request } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { LoginAnswer, Platform } from '@yuanlu/shop'

export interface PlatformOptions {
  readonly appid: string
  readonly appSecret: string
  /** Default `https://api.weixin.qq.com`. */
  readonly baseUrl: string
  /** A certificate authority to trust besides the usual ones, PEM. */
  readonly extraCaPem?: string
  readonly timeoutMs?: number
}

export interface WechatPlatform extends Platform {
  destroy(): void
}

const MAX_ANSWER_BYTES = 64 * 1024

/** The code itself is at fault: 40029 wrong, 40163 used already, 40226 blocked for risk. */
const BAD_CODE: ReadonlySet<number> = new Set([40029, 40163, 40226])

export const createPlatform = (options: PlatformOptions): WechatPlatform => {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 32,
    ...(options.extraCaPem === undefined ? {} : { ca: [...rootCertificates, options.extraCaPem] }),
  })
  return {
    login: async (code) => {
      const url = new URL('/sns/jscode2session', options.baseUrl)
      url.search = new URLSearchParams({
        appid: options.appid,
        secret: options.appSecret,
        js_code: code,
        grant_type: 'authorization_code',
      }).toString()
      try {
        return toLoginAnswer(await getJson({ url, agent, timeoutMs: options.timeoutMs ?? 5_000 }))
      } catch (error) {
        // The address holds the secret: only the kind of failure may leave this function.
        return { kind: 'unavailable', reason: failureName(error) }
      }
    },
    destroy: () => agent.destroy(),
  }
}

/** @see code2Session (小程序登录), developers.weixin.qq.com, checked 2026-11 */
export const toLoginAnswer = (answer: unknown): LoginAnswer => {
  if (typeof answer !== 'object' || answer === null)
    return { kind: 'unavailable', reason: 'malformed answer' }
  const errcode = 'errcode' in answer ? answer.errcode : 0
  if (typeof errcode === 'number' && errcode !== 0)
    return BAD_CODE.has(errcode) ? { kind: 'badCode' } : { kind: 'unavailable', reason: `errcode ${errcode}` }
  const openid = 'openid' in answer ? answer.openid : undefined
  if (typeof openid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(openid))
    return { kind: 'unavailable', reason: 'answer without openid' }
  return { kind: 'known', openid }
}

const failureName = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

const getJson = (input: {
  readonly url: URL
  readonly agent: Agent
  readonly timeoutMs: number
}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(input.timeoutMs)
    const call = request(
      input.url,
      { agent: input.agent, signal, headers: { Accept: 'application/json' } },
      (res) => {
        const chunks: Buffer[] = []
        let bytes = 0
        res.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('answer too large'))
          else chunks.push(chunk)
        })
        res.on('error', reject)
        res.on('end', () => {
          try {
            if (res.statusCode !== 200) throw new Error(`HTTP ${res.statusCode}`)
            resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    call.on('error', reject)
    call.end()
  })
