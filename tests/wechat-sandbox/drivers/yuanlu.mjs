/** @module How the acceptance suite drives our own backend: over its public HTTP calls, as a shopper and as staff. */
import { randomUUID } from 'node:crypto'

const { SHOP_URL, SHOP_STAFF_OPENID, SHOP_JOBS_TOKEN } = process.env

/** Signs in by a login code of the sandbox, again whenever the session has run out. */
function person(control, openid) {
  let token
  const ask = async (method, path, body, key) => {
    const answer = await fetch(`${SHOP_URL}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, json: await answer.json() }
  }
  const signIn = async () => {
    const { code } = await control('POST', '/code', { openid })
    const { json } = await ask('POST', '/v1/sessions', { code })
    token = json.data.token
  }
  return async (method, path, body, key) => {
    if (token === undefined) await signIn()
    let answer = await ask(method, path, body, key)
    if (answer.status === 401) {
      await signIn()
      answer = await ask(method, path, body, key)
    }
    if (!answer.json.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.json.error.code}`)
    return answer.json.data
  }
}

const jobs = { Authorization: `Bearer ${SHOP_JOBS_TOKEN}` }

async function runJobs() {
  const answer = await fetch(`${SHOP_URL}/internal/tick`, { method: 'POST', headers: jobs })
  if (!answer.ok) throw new Error(`the jobs did not run: ${answer.status}`)
}

/** How often the journal booked money that came in for an order. */
async function bookings(outTradeNo) {
  await runJobs()
  let count = 0
  for (let after = 0; ; ) {
    const answer = await fetch(`${SHOP_URL}/internal/ledger?after=${after}`, { headers: jobs })
    const { entries, nextAfter } = (await answer.json()).data
    count += entries.filter(
      ({ orderId, account, cause }) =>
        orderId === outTradeNo && account === 'wechat:receivable' && cause.startsWith('payment:'),
    ).length
    if (nextAfter === after) return count
    after = nextAfter
  }
}

export async function connect({ control }) {
  const staff = person(control, SHOP_STAFF_OPENID)
  let shopper
  const order = (outTradeNo) => shopper('GET', `/v1/orders/${outTradeNo}`)
  return {
    async order({ openid }) {
      shopper ??= person(control, openid)
      const items = [{ productId: 'beans', quantity: 1 }]
      const { orderId } = await shopper('POST', '/v1/orders', { items }, randomUUID())
      return { outTradeNo: orderId }
    },
    payment: (outTradeNo) => shopper('POST', `/v1/orders/${outTradeNo}/payment`, {}),
    async returned(outTradeNo) {
      await shopper('POST', `/v1/orders/${outTradeNo}/payment/sync`, {})
    },
    isPaid: async (outTradeNo) => (await order(outTradeNo)).status === 'paid',
    async refund({ outTradeNo, amountFen }) {
      const body = { amountFen, reason: '验收退款' }
      await staff('POST', `/v1/merchant/orders/${outTradeNo}/refund`, body, randomUUID())
    },
    refundedFen: async (outTradeNo) => (await order(outTradeNo)).refundedFen,
    deliveries: bookings,
    elapse: runJobs,
  }
}
