/**
 * @module What every story of another SDK needs around it: keys, a payer, a place to be notified at, tomorrow's bill.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const info = JSON.parse(readFileSync(process.env.WECHAT_SANDBOX, 'utf8'))
export const read = (name) => readFileSync(info[name])
/** apiclient_cert.p12 lies beside the certificate. */
export const p12 = readFileSync(info.certFile.replace(/pem$/, 'p12'))
export { info }

/** The control API of the sandbox. */
export async function control(method, path, body) {
  const answer = await fetch(`${info.controlUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${info.controlToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json = await answer.json()
  if (!answer.ok) throw new Error(`${method} ${path}: ${json.error.message}`)
  return json
}

export const openid = 'openid-interop'

/** Pays with the parameters of wx.requestPayment; anything but ok ends the story. */
export async function pay({ timeStamp, nonceStr, package: prepay, signType, paySign }) {
  const sheet = { timeStamp, nonceStr, package: prepay, signType, paySign, openid, action: 'pay' }
  const { errMsg } = await control('POST', '/cashier', sheet)
  if (errMsg !== 'requestPayment:ok') throw new Error(errMsg)
  await settle(0)
}

/** Lets `ms` of virtual time pass: everything due in it, notifications included, has happened then. */
export const settle = (ms) => control('POST', '/clock', { advanceMs: ms })

/** Moves on to ten past ten tomorrow, in China, and gives today's date as bills want it. */
export async function tomorrow() {
  const { now } = await control('GET', '/clock')
  const china = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
  const date = china(Date.parse(now))
  const next = china(Date.parse(now) + 86_400_000)
  await control('POST', '/clock', { to: `${next}T10:10:00+08:00` })
  return date
}

/** A merchant that keeps what it is told and acknowledges as each protocol wants it. */
export async function listen() {
  const notices = []
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      notices.push({ headers: request.headers, body, url: request.url })
      response.end(
        body.startsWith('<xml>') ? '<xml><return_code>SUCCESS</return_code></xml>' : '{"code":"SUCCESS"}',
      )
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  return {
    notifyUrl: `${origin}/payment`,
    refundUrl: `${origin}/refund`,
    /** The newest notice; there is always one, since time was let pass. */
    last: () => notices.at(-1),
    close: () => server.close(),
  }
}

/** The rows of a bill as `[商户订单号, 交易状态, 订单金额, 申请退款金额]`, whichever order they came in. */
export function rowsOf(text) {
  const lines = text
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/)
  const names = lines[0].split(',')
  return lines
    .slice(1, -2)
    .map((line) => line.slice(1).split(',`'))
    .map((values) =>
      ['商户订单号', '交易状态', '订单金额', '申请退款金额'].map((name) => values[names.indexOf(name)]),
    )
    .sort((a, b) => (a.join() < b.join() ? -1 : 1))
}

/** Hands the facts to the test and ends, whatever sockets an SDK still keeps open. */
export function tell(facts) {
  process.stdout.write(JSON.stringify(facts), () => process.exit(0))
}
