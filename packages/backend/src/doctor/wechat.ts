/** @module WeChat's side: the findings of wxpay-core about keys, clock and signed calls, and the login. */
import type { Platform } from '@yuanlu/shop'
import * as wxpay from 'wxpay-core/doctor'
import type { BackendConfig } from '../config.ts'
import { type Finding, failed, ok } from './finding.ts'

/** The merchant certificate (商户API证书) and its key, looked at without asking anybody. */
export const checkMerchantFiles = ({ wxpay: own }: BackendConfig, now: number): Finding[] =>
  wxpay
    .checkMerchantFiles({ privateKeyPem: own.keyPem, certificatePem: own.certPem, mchid: own.mchid }, now)
    .map(translated)

/** Connection, clock and both signatures. @param extraCaPem an authority to trust besides the usual ones */
export const checkCalls = async (
  { appid, wxpay: own }: BackendConfig,
  clock: () => number,
  extraCaPem?: string,
): Promise<Finding[]> => {
  const findings = await wxpay.checkCalls({
    appid,
    mchid: own.mchid,
    v2: { key: own.v2Key, signType: own.v2SignType },
    v3: {
      apiV3Key: own.v3Key,
      privateKeyPem: own.keyPem,
      certificatePem: own.certPem,
      ...(own.publicKey === null ? {} : { publicKey: own.publicKey }),
    },
    baseUrl: own.baseUrl,
    ca: extraCaPem,
    clock,
  })
  return findings.map(translated)
}

const VERDICTS = { ok: 'ok', warning: 'warning', wrong: 'failed', skipped: 'skipped' } as const

const translated = ({ mark, what, said, advice }: wxpay.Finding): Finding => ({
  about: `WeChat Pay: ${what}`,
  verdict: VERDICTS[mark],
  found: said,
  ...(advice === undefined ? {} : { advice }),
})

/** A code that no login gives. */
const NOBODYS_CODE = 'doctor-asks-for-nothing'

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
  const answer = await platform.login(NOBODYS_CODE)
  if (answer.kind !== 'unavailable') return ok(LOGIN, 'WeChat knows this AppID and AppSecret')
  return failed(
    LOGIN,
    answer.reason,
    LOGIN_ADVICE.find(([pattern]) => pattern.test(answer.reason))?.[1] ??
      'is api.weixin.qq.com (WX_API_BASE) reachable from here?',
  )
}
