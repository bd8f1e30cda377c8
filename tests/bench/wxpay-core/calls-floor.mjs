/**
 * @module The floor of a whole call: Node's own agent with keep-alive, and the cryptography of the protocol as floors.mjs has
 * it. It sends what wxpay-core sends, header by header, collects the answer, verifies and parses it; it has no time-out, no
 * limit, no second attempt, and asks nothing about order and answer.
 */
import { readFileSync } from 'node:fs'
import https from 'node:https'
import * as floors from './floors.mjs'
import * as subjects from './subjects.mjs'
import { fixture, merchant, platformSerial } from './subjects.mjs'

const ca = fixture('authority.cert.pem')
const { version } = JSON.parse(
  readFileSync(new URL('../../../packages/wxpay-core/package.json', import.meta.url), 'utf8'),
)
const userAgent = `wxpay-core/${version} (node/${process.versions.node}; ${process.platform})`

/** @typedef {{ headers: import('node:http').IncomingHttpHeaders, body: Buffer }} Answer */

/**
 * @param {string} baseUrl
 * @param {https.AgentOptions} [identity]
 * @returns {(path: string, body: string, headers: Record<string, string>) => Promise<Answer>}
 */
function poster(baseUrl, identity) {
  const { hostname, port } = new URL(baseUrl)
  const agent = new https.Agent({ keepAlive: true, ca, ...identity })
  return (path, body, headers) =>
    new Promise((resolve, reject) => {
      const all = { ...headers, 'Content-Length': Buffer.byteLength(body) }
      const request = https.request(
        { method: 'POST', hostname, port, path, agent, headers: all },
        (response) => {
          /** @type {Buffer[]} */
          const chunks = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
        },
      )
      request.on('error', reject)
      request.end(body)
    })
}

const xml = {
  Accept: 'text/xml, text/plain',
  'Content-Type': 'text/xml; charset=utf-8',
  'User-Agent': userAgent,
}

/** @template T @param {T | null} content @returns {T} what was verified */
function genuine(content) {
  if (content === null) throw new Error('the floor does not verify the answer')
  return content
}

/** @param {string} baseUrl */
export function v2Order(baseUrl) {
  const post = poster(baseUrl)
  return async () => {
    const { body } = await post('/pay/unifiedorder', floors.requestText(subjects.v2Order), xml)
    return genuine(floors.openAnswerMd5(body))
  }
}

/** @param {string} baseUrl */
export function v2Refund(baseUrl) {
  const post = poster(baseUrl, { cert: merchant.certificate, key: merchant.privateKey })
  return async () => {
    const { body } = await post('/secapi/pay/refund', floors.requestText(subjects.v2Refund), xml)
    return genuine(floors.openAnswerMd5(body))
  }
}

/** @param {string} baseUrl */
export function v3Order(baseUrl) {
  const post = poster(baseUrl)
  return async () => {
    const headers = {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': userAgent,
      Authorization: floors.authorization(subjects.v3Order),
      'Wechatpay-Serial': platformSerial,
    }
    return genuine(floors.verifyAnswer(await post('/v3/pay/transactions/jsapi', subjects.v3Order, headers)))
  }
}
