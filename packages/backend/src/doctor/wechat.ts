/** @module WeChat's side, asked with calls that change nothing: the clock, both signatures, the login. */
import { request } from 'node:https'
import type { PaymentGateway, Platform } from '@yuanlu/shop'
import { type Finding, failed, ok, warning } from './finding.ts'

const PATIENCE_MS = 8_000
/** WeChat Pay refuses what is signed five minutes away from its own clock. */
const MOST_SKEW_MS = 300_000
const WORRYING_SKEW_MS = 30_000

/** A trade number that no shop of ours makes. */
const NOBODYS_TRADE = 'doctor-asks-for-nothing'

const CLOCK = 'clock and connection to WeChat Pay'

/** @param extraCaPem an authority to trust besides the usual ones */
export const checkClock = async (
  baseUrl: string,
  clock: () => number,
  extraCaPem?: string,
): Promise<Finding> => {
  const answer = await dateOf(baseUrl, extraCaPem)
  if (answer instanceof Error)
    return failed(
      CLOCK,
      `${baseUrl} cannot be reached: ${answer.message}`,
      'the way out is closed (firewall, proxy, DNS), or something in between shows a certificate of its own',
    )
  const skewMs = clock() - answer
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  if (Math.abs(skewMs) >= MOST_SKEW_MS)
    return failed(
      CLOCK,
      `this clock is ${seconds} s off`,
      'set the clock by NTP: signatures are refused from 300 s on',
    )
  if (Math.abs(skewMs) >= WORRYING_SKEW_MS)
    return warning(CLOCK, `this clock is ${seconds} s off`, 'set the clock by NTP before it is 300 s')
  return ok(CLOCK, `${baseUrl} answers, the clocks agree`)
}

/** WeChat's time in milliseconds, to the second. */
const dateOf = (baseUrl: string, ca: string | undefined): Promise<number | Error> =>
  new Promise((resolve) => {
    const call = request(
      `${baseUrl}/`,
      { method: 'GET', timeout: PATIENCE_MS, agent: false, ...(ca === undefined ? {} : { ca }) },
      (response) => {
        response.resume()
        const date = Date.parse(response.headers.date ?? '')
        resolve(Number.isNaN(date) ? new Error('its answer has no date') : date)
      },
    )
    call.on('timeout', () => call.destroy(new Error('no answer in 8 s')))
    call.on('error', resolve)
    call.end()
  })

const ADVICE: readonly [pattern: RegExp, advice: string][] = [
  [
    /SIGN_?ERROR/,
    'the merchant certificate is not, or no longer, known to WeChat Pay, or it is not of WXPAY_MCHID (API安全)',
  ],
  // APIv2 says this before it looks at anything else, and without a code.
  [
    /^ERR_WXPAY_REFUSED$/,
    'WeChat Pay refused our signature: WXPAY_V2_KEY is another than in the merchant platform (API安全), or WXPAY_MCHID is not its merchant',
  ],
  [/APPID_MCHID_NOT_MATCH/, 'link WX_APPID and WXPAY_MCHID on both sides: 产品中心 > AppID账号管理'],
  [/MCH_?NOT_?EXISTS?|MCHID/, 'WXPAY_MCHID is unknown to WeChat Pay'],
  [/NO_?AUTH/, 'open JSAPI payment for this merchant: 产品中心 > JSAPI支付'],
  [
    /ANSWER_SIGNATURE/,
    'the call was taken, and its answer is signed by a key we do not know: WXPAY_PUBLIC_KEY_ID and WXPAY_PUBLIC_KEY_FILE are not those of this merchant, or the APIv3 key cannot open the platform certificates',
  ],
  [/CONNECT|TIMEOUT|CONNECTION_LOST/, 'see the finding about the connection'],
  [/RATE_LIMITED|SERVER/, 'WeChat Pay is busy; run this again in a minute'],
]

/** Asks for a trade that does not exist: "not there", signed, is what proves the keys. */
export const checkSignedCall = async (gateway: PaymentGateway, api: 'v2' | 'v3'): Promise<Finding> => {
  const about = api === 'v3' ? 'signed call, APIv3' : 'signed call, APIv2'
  const answer = await gateway.queryTrade({
    api,
    outTradeNo: NOBODYS_TRADE,
    description: '',
    totalFen: 1,
    payerOpenid: '',
    notifyUrl: '',
    expiresAt: 0,
    payerClientIp: '127.0.0.1',
  })
  if (answer.kind !== 'unknown')
    return ok(about, 'WeChat Pay accepted our signature, and we accepted its own')
  return failed(
    about,
    answer.reason,
    ADVICE.find(([pattern]) => pattern.test(answer.reason))?.[1] ??
      'look the code up in WeChat Pay’s documentation of 查询订单',
  )
}

const LOGIN = 'login (AppID, AppSecret)'

const LOGIN_ADVICE: readonly [pattern: RegExp, advice: string][] = [
  [/40013|41002/, 'WX_APPID is not the AppID of a mini-program'],
  [/40125|41004/, 'WX_APPSECRET is wrong or was made anew at mp.weixin.qq.com (开发设置)'],
  [
    /40164/,
    'this machine’s outbound address is not on the AppSecret’s IP list (IP白名单) at mp.weixin.qq.com',
  ],
  [/50002|40226/, 'the account is limited; look at its notices at mp.weixin.qq.com'],
]

/** Logs in with a code that cannot be one: "bad code" is said only to who may ask. */
export const checkLogin = async (platform: Platform): Promise<Finding> => {
  const answer = await platform.login(NOBODYS_TRADE)
  if (answer.kind !== 'unavailable') return ok(LOGIN, 'WeChat knows this AppID and AppSecret')
  return failed(
    LOGIN,
    answer.reason,
    LOGIN_ADVICE.find(([pattern]) => pattern.test(answer.reason))?.[1] ??
      'is api.weixin.qq.com (WX_API_BASE) reachable from here?',
  )
}
