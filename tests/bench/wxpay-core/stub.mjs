/**
 * @module WeChat Pay's end of a call, in a process of its own: TLS, and fixed answers that verify. Whoever sends it a message
 * is told how many handshakes there were, and how large the last request was.
 */
import { createHash, createHmac, sign } from 'node:crypto'
import https from 'node:https'
import { appid, fixture, mchid, platform, platformSerial, v2Key } from './subjects.mjs'

/** @param {Record<string, string>} members @param {'MD5' | 'HMAC-SHA256'} type */
function signedXml(members, type) {
  const all = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid,
    mch_id: mchid,
    nonce_str: 'n',
    result_code: 'SUCCESS',
    ...members,
  }
  const text = Object.entries(all)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', v2Key)
  const signature = hash.update(`${text}&key=${v2Key}`).digest('hex').toUpperCase()
  const elements = Object.entries({ ...all, sign: signature }).map(
    ([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`,
  )
  return `<xml>${elements.join('\n')}</xml>`
}

const accepted = {
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-000001',
  out_refund_no: 'refund-20261123-1',
  refund_id: '50000000382019052709732678859',
  refund_fee: '2000',
  total_fee: '6800',
}
const answers = {
  '/pay/unifiedorder': signedXml(
    { trade_type: 'JSAPI', prepay_id: 'wx201410272009395522657a690389285100' },
    'MD5',
  ),
  '/secapi/pay/refund': signedXml(accepted, 'MD5'),
}

const v3Body = '{"prepay_id":"wx201410272009395522657a690389285100"}'
const nonce = 'c5ac7061fccab6bf3e254dcf98995b8c'

function signedHeaders() {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const text = Buffer.from(`${timestamp}\n${nonce}\n${v3Body}\n`)
  return {
    'Content-Type': 'application/json',
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': platformSerial,
    'Wechatpay-Signature': sign('sha256', text, platform.privateKey).toString('base64'),
  }
}

let v3Headers = signedHeaders()
// A run may take longer than the 300 seconds for which a signature is believed.
setInterval(() => {
  v3Headers = signedHeaders()
}, 60_000)

let handshakes = 0
let requestBytes = 0
const server = https.createServer(
  {
    cert: fixture('server.cert.pem'),
    key: fixture('server.key.pem'),
    // Asked for, and not insisted on: one server is enough for calls with and without it.
    requestCert: true,
    rejectUnauthorized: false,
    ca: fixture('merchant.cert.pem'),
    keepAliveTimeout: 60_000,
  },
  (request, response) => {
    const path = request.url ?? ''
    requestBytes =
      path.length + request.rawHeaders.join(': \n').length + Number(request.headers['content-length'])
    request.resume()
    request.on('end', () => {
      if (path.startsWith('/v3/')) response.writeHead(200, v3Headers).end(v3Body)
      else {
        const xml = path in answers ? answers[/** @type {keyof typeof answers} */ (path)] : ''
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end(xml)
      }
    })
  },
)
server.on('secureConnection', () => {
  handshakes += 1
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.on('message', () => process.send?.({ handshakes, requestBytes }))
process.on('disconnect', () => process.exit(0))
