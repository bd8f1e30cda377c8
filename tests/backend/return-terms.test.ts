/** What a shopper is told around a refund: where goods go back to and by when, which messages to allow, whose words. */
import { abandonRefund, approveRefund, rejectRefund, settleRefundOffline } from '@yuanlu/shop'
import { anHttpWorld, type HttpWorld } from '../support/http-world'
import { AQING, aPaidOrder, aRequest, MANAGER, NOON, ship, XIAOLIN } from '../support/shop-world'

const SEVEN_DAYS = 7 * 24 * 60 * 60_000

/** A return that was approved at noon, and everybody signed in. */
const anApprovedReturn = async (options: Parameters<typeof anHttpWorld>[0] = {}) => {
  const http = anHttpWorld(options)
  const { world } = http
  await world.store.staff.setRole({ openid: MANAGER, role: 'finance' })
  const orderId = await aPaidOrder(world)
  await ship(world, orderId)
  const refundId = await aRequest(world, orderId, {
    kind: 'returnAndRefund',
    amountFen: 3990,
    items: [{ productId: 'cup', quantity: 1 }],
  })
  const tokens = {
    shopper: await http.signIn(XIAOLIN),
    stranger: await http.signIn(AQING),
    staff: await http.signIn(MANAGER),
  }
  const approve = () => approveRefund(world, { by: MANAGER, refundId, amountFen: 3990, note: '老顾客，放行' })
  const terms = (token: string) => http.request('GET', `/v1/refunds/${refundId}/return`, { token })
  return { http, orderId, refundId, approve, terms, ...tokens }
}

describe('the terms of a return', () => {
  test('are the shop’s address and the day it is withdrawn, while goods are awaited', async () => {
    const { terms, shopper, approve } = await anApprovedReturn({ returnAddress: '杭州市龙井路 1 号' })
    expect((await terms(shopper)).json.data).toEqual({ address: '杭州市龙井路 1 号', sendBy: null })
    await approve()
    expect((await terms(shopper)).json.data).toEqual({
      address: '杭州市龙井路 1 号',
      sendBy: new Date(NOON + SEVEN_DAYS).toISOString(),
    })
  })

  test('name no day once the goods are on their way', async () => {
    const { http, terms, shopper, approve, refundId } = await anApprovedReturn()
    await approve()
    const body = { carrier: '顺丰', trackingNo: 'SF1' }
    await http.request('POST', `/v1/refunds/${refundId}/return`, { token: shopper, body })
    expect((await terms(shopper)).json.data).toEqual({ address: null, sendBy: null })
  })

  test('are for the refund’s shopper and for staff; to a stranger there is no such refund', async () => {
    const { http, terms, shopper, staff, stranger } = await anApprovedReturn({ returnAddress: '龙井路' })
    expect((await terms(shopper)).status).toBe(200)
    expect((await terms(staff)).status).toBe(200)
    expect(await terms(stranger)).toMatchObject({ status: 404, json: { error: { code: 'NOT_FOUND' } } })
    expect((await http.request('GET', '/v1/refunds/nosuch-r1/return', { token: staff })).status).toBe(404)
  })

  test('end with the role that showed them', async () => {
    const { http, terms, staff } = await anApprovedReturn()
    await http.world.store.staff.ensureOwners([AQING])
    await http.world.store.staff.setRole({ openid: MANAGER, role: null })
    expect((await terms(staff)).status).toBe(404)
  })
})

test('the template ids are for anybody, null where a message is not sent', async () => {
  const messageTemplates = { refundResult: 'T'.repeat(43), refundRequested: null, shipped: null }
  const answer = await anHttpWorld({ messageTemplates }).request('GET', '/v1/message-templates')
  expect(answer.json).toEqual({ ok: true, data: messageTemplates })
})

describe('notes of a timeline', () => {
  type Note = { readonly event: string; readonly note: string | null }
  const notesIn = async (
    http: HttpWorld,
    path: string,
    token: string,
  ): Promise<[string, string | null][]> => {
    const { data } = (await http.request('GET', path, { token })).json
    const holder = [data, data.refund, data.refunds?.[0], data.items?.[0]].find((each) => each?.timeline)
    return holder.timeline.map(({ event, note }: Note) => [event, note])
  }

  test('to an approval are for colleagues: no call tells the shopper', async () => {
    const { http, approve, orderId, refundId, shopper, staff } = await anApprovedReturn()
    await approve()
    const internal = [
      ['requested', null],
      ['approvedForReturn', null],
    ]
    expect(await notesIn(http, `/v1/refunds/${refundId}`, shopper)).toEqual(internal)
    expect(await notesIn(http, '/v1/refunds', shopper)).toEqual(internal)
    expect(await notesIn(http, `/v1/orders/${orderId}`, shopper)).toEqual(internal)
    expect(await notesIn(http, `/v1/merchant/refunds/${refundId}`, staff)).toEqual([
      ['requested', null],
      ['approvedForReturn', '老顾客，放行'],
    ])
  })

  test('to a rejection are the shopper’s to read', async () => {
    const { http, refundId, shopper } = await anApprovedReturn()
    await rejectRefund(http.world, { by: MANAGER, refundId, reason: '请补充照片' })
    expect(await notesIn(http, `/v1/refunds/${refundId}`, shopper)).toContainEqual(['rejected', '请补充照片'])
  })

  /** A refund that WeChat Pay refused for good, so that a person has to find a way out. */
  const aStuckRefund = async () => {
    const http = anHttpWorld()
    const { world } = http
    await world.store.staff.setRole({ openid: MANAGER, role: 'finance' })
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    world.wechat.nextAnswer.refund = {
      kind: 'refused',
      apiCode: 'USER_ACCOUNT_ABNORMAL',
      message: '',
      verified: true,
    }
    await approveRefund(world, { by: MANAGER, refundId, amountFen: 17590, note: null })
    return { http, refundId, shopper: await http.signIn(XIAOLIN) }
  }

  test('of money that went back another way, with its proof, are the shopper’s; WeChat Pay’s codes are not', async () => {
    const { http, refundId, shopper } = await aStuckRefund()
    await settleRefundOffline(http.world, { by: MANAGER, refundId, proof: '支付宝转账 20261123' })
    const notes = await notesIn(http, `/v1/refunds/${refundId}`, shopper)
    expect(notes).toContainEqual(['stuck', null])
    expect(notes).toContainEqual(['succeeded', '支付宝转账 20261123'])
  })

  test('of a refund that was given up say why', async () => {
    const { http, refundId, shopper } = await aStuckRefund()
    await abandonRefund(http.world, { by: MANAGER, refundId, reason: '您同意换货' })
    expect(await notesIn(http, `/v1/refunds/${refundId}`, shopper)).toContainEqual([
      'abandoned',
      '您同意换货',
    ])
  })
})
