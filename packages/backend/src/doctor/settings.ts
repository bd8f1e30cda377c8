/** @module Settings that are allowed, and that a shop about to earn money wants to know about. */
import type { BackendConfig } from '../config.ts'
import { type Finding, ok, warning } from './finding.ts'

export const checkSettings = (config: BackendConfig): Finding[] => [
  config.ownerOpenids.length > 0
    ? ok('owners', `${config.ownerOpenids.length} named`)
    : warning(
        'owners',
        'nobody is named in MERCHANT_OWNER_OPENIDS',
        'without an owner nobody can approve a refund; 我的 in the mini-program shows one’s own openid',
      ),
  config.residentJobs || config.jobsToken !== null || config.store.kind === 'cloudbase'
    ? ok('jobs', config.residentJobs ? 'run in this process' : 'run by a timer')
    : warning(
        'jobs',
        'JOBS=off and no JOBS_TOKEN: nothing runs them',
        'set JOBS_TOKEN and have a timer call POST /internal/tick every minute, or leave JOBS unset',
      ),
  config.wxpay.publicKey !== null
    ? ok('WeChat Pay public key (微信支付公钥)', config.wxpay.publicKey.id)
    : warning(
        'WeChat Pay public key (微信支付公钥)',
        'not set: platform certificates are fetched',
        'that works for older merchants alone; apply for the public key in the merchant platform (API安全)',
      ),
  Object.values(config.templates).every((id) => id !== null)
    ? ok('subscribe messages (订阅消息)', 'all three templates are set')
    : warning(
        'subscribe messages (订阅消息)',
        'not every template is set: those messages are not sent',
        'docs/messages.md has the keywords of the three templates',
      ),
  ...(config.store.kind === 'cloudbase' && config.store.outside === null && config.trustProxy === 0
    ? [
        warning(
          'callers’ addresses',
          'TRUST_PROXY is 0, so every shopper may look like one caller',
          'set TRUST_PROXY=1: the HTTP access service stands in front of a cloud function',
        ),
      ]
    : []),
  config.returnAddress !== null
    ? ok('return address', 'set')
    : warning(
        'return address',
        'RETURN_ADDRESS is not set',
        'shoppers who send goods back are told to ask you where to',
      ),
]
