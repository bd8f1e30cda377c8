/**
 * @module Leads a Node.js program whose SDK has WeChat's host names built in to the sandbox, TLS still verified:
 * `WECHAT_SANDBOX=.wechat-sandbox/sandbox.json node --require wechat-sandbox/redirect server.js`
 */
const { readFileSync } = require('node:fs')
const tls = require('node:tls')

const file = process.env.WECHAT_SANDBOX ?? '.wechat-sandbox/sandbox.json'
const info = JSON.parse(readFileSync(file, 'utf8'))
const ca = readFileSync(info.caFile, 'utf8')
const targets = new Map([
  ['api.mch.weixin.qq.com', new URL(info.baseUrl)],
  ['api2.mch.weixin.qq.com', new URL(info.baseUrl)],
  ['api.wechatpay.cn', new URL(info.baseUrl)],
  ['api2.wechatpay.cn', new URL(info.baseUrl)],
  ['api.weixin.qq.com', new URL(info.apiBaseUrl)],
])

const { connect } = tls

// What https.request, fetch and every library upon them call in the end. Like a hosts file, this changes where a name
// leads, not what is said there: the certificate is checked against the name that was asked for.
tls.connect = (...args) => {
  const [options, ...more] = args
  const target = typeof options === 'object' ? targets.get(options?.host ?? options?.hostname) : undefined
  if (target === undefined) return connect(...args)
  const { host, hostname, servername, ca: own, ...rest } = options
  return connect(
    {
      ...rest,
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: Number(target.port),
      servername: servername || host || hostname,
      ca: own ?? ca,
    },
    ...more,
  )
}
