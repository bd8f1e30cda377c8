/** @module Leave to send messages: asked for inside the tap, once where it would be in the way, and never a condition. */
import { findByText, input, tap } from 'miniprogram-preview/testing'
import { aMovingRefund, aRefund } from './a-refund.ts'
import { aPaidOrder, aProduct, NOON_MS } from './an-order.ts'
import { after, createFakeWx, ok, refused, type Script } from './fake-wx.ts'
import { compileProgram, pass, requestsTo, startPhone, tapText, textOf } from './phone.ts'

const ORDER = 'O20261122A'
const REFUND = 'O20261122A-r1'
const ASK = `POST /v1/orders/${ORDER}/refunds`
const TEMPLATES = 'GET /v1/message-templates'
const ALL = {
  refundResult: 'template-result',
  refundRequested: 'template-requested',
  shipped: 'template-shipped',
}

let compiledDir = ''
beforeAll(async () => {
  compiledDir = await compileProgram()
})
afterEach(() => {
  jest.useRealTimers()
})

const start = (script: Script = {}) =>
  startPhone(compiledDir, {
    nowMs: NOON_MS,
    script: {
      [TEMPLATES]: ok(ALL),
      'GET /v1/products': ok({ items: [aProduct()] }),
      [`GET /v1/orders/${ORDER}`]: ok(aPaidOrder()),
      [`POST /v1/orders/${ORDER}/payment/sync`]: ok(aPaidOrder()),
      [`GET /v1/refunds/${REFUND}`]: ok(aRefund()),
      [ASK]: ok(aRefund()),
      ...script,
    },
  })

describe('with the request for a refund', () => {
  const atApplication = async (script: Script = {}) => {
    const started = await start(script)
    const page = started.phone.openPage(`/pages/refund-apply/refund-apply?orderId=${ORDER}`)
    await pass()
    await tapText(page.element, '退款原因')
    await pass(500)
    await tapText(page.element, '不想要了')
    await pass(500)
    return { ...started, page }
  }

  test('the question is asked in the very tap, before anything is waited for', async () => {
    const { page, subscriptions } = await atApplication()
    tap(findByText(page.element, '提交申请'))
    expect(subscriptions.asked).toEqual([['template-result']])
  })

  test.each([
    ['allowed', 'accept' as const],
    ['refused', 'reject' as const],
    [
      'not asked, because all messages are switched off',
      { errMsg: 'requestSubscribeMessage:fail', errCode: 20004 },
    ],
    [
      'not asked, because WeChat would not show it',
      { errMsg: 'requestSubscribeMessage:fail', errCode: 10005 },
    ],
  ])('%s, the refund is asked for all the same', async (_, answer) => {
    const { phone, page, sent, subscriptions } = await atApplication()
    subscriptions.answer = answer
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(requestsTo(sent, ASK)).toBe(1)
    expect(phone.currentRoute()).toBe('pages/refund/refund')
  })

  test('nobody is asked again on the same page, nor for a form that is not complete', async () => {
    const started = await start()
    const page = started.phone.openPage(`/pages/refund-apply/refund-apply?orderId=${ORDER}`)
    await pass()
    await tapText(page.element, '提交申请')
    expect(started.subscriptions.asked).toEqual([])
    await tapText(page.element, '退款原因')
    await pass(500)
    await tapText(page.element, '不想要了')
    await pass(500)
    await tapText(page.element, '提交申请')
    await tapText(started.phone.overlay, '再看看')
    await tapText(page.element, '提交申请')
    expect(started.subscriptions.asked).toEqual([['template-result']])
  })

  test.each<[string, Script[string]]>([
    ['the shop sends no such message', ok({ ...ALL, refundResult: null })],
    ['the templates could not be read', 'no answer'],
    ['the templates are still on their way', after(60_000, ok(ALL))],
  ])('without a question when %s', async (_, templates) => {
    const { phone, page, sent, subscriptions } = await atApplication({ [TEMPLATES]: templates })
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(subscriptions.asked).toEqual([])
    expect(requestsTo(sent, ASK)).toBe(1)
  })
})

describe('with the parcel that goes back', () => {
  const waiting = aRefund({ kind: 'returnAndRefund', status: 'awaitingReturn' })
  const RETURN = `POST /v1/refunds/${REFUND}/return`

  test('leave for the money’s message is asked in the tap, once, and is no condition', async () => {
    const { phone, sent, subscriptions } = await start({
      [`GET /v1/refunds/${REFUND}`]: ok(waiting),
      [RETURN]: ok({ ...waiting, status: 'returning' }),
    })
    subscriptions.answer = 'reject'
    const page = phone.openPage(`/pages/refund/refund?refundId=${REFUND}`)
    await pass()
    await tapText(page.element, '提交物流信息')
    expect(subscriptions.asked).toEqual([])
    const [carrier, number] = [...page.element.querySelectorAll('input')]
    input(carrier, '顺丰速运')
    input(number, 'SF123')
    tap(findByText(page.element, '提交物流信息'))
    expect(subscriptions.asked).toEqual([['template-result']])
    await pass()
    await tapText(phone.overlay, '再看看')
    await tapText(page.element, '提交物流信息')
    await tapText(phone.overlay, '提交')
    expect(subscriptions.asked).toEqual([['template-result']])
    expect(requestsTo(sent, RETURN)).toBe(1)
  })
})

describe('offered on a page', () => {
  const atRefund = async (script: Script = {}) => {
    const started = await start(script)
    const page = started.phone.openPage(`/pages/refund/refund?refundId=${REFUND}`)
    await pass()
    return { ...started, page }
  }

  test('of a refund that is under way: each tap allows one message, and says so', async () => {
    const { phone, page, subscriptions } = await atRefund()
    tap(findByText(page.element, '通知我'))
    expect(subscriptions.asked).toEqual([['template-result']])
    await pass()
    expect(phone.overlay.textContent).toContain('有消息会在“服务通知”里告诉您')
    await tapText(page.element, '通知我')
    expect(textOf(page)).toContain('已允许 2 次')
  })

  test.each([
    ['reject' as const, '没有打开通知，需要时可以再点'],
    [{ errMsg: 'requestSubscribeMessage:fail', errCode: 20004 }, '您关闭了订阅消息。'],
    [{ errMsg: 'requestSubscribeMessage:fail', errCode: 10002 }, '暂时不能打开通知，请稍后再试'],
  ])('answered with %j, it says what that means', async (answer, sentence) => {
    const { phone, page, subscriptions } = await atRefund()
    subscriptions.answer = answer
    await tapText(page.element, '通知我')
    expect(phone.overlay.textContent).toContain(sentence)
    expect(textOf(page)).not.toContain('已允许')
  })

  test('not of a refund that is over, and not where the shop sends no such message', async () => {
    const over = aMovingRefund('succeeded', { status: 'refunded' })
    const done = await atRefund({ [`GET /v1/refunds/${REFUND}`]: ok(over) })
    expect(textOf(done.page)).not.toContain('通知我')
    const silent = await atRefund({ [TEMPLATES]: ok({ ...ALL, refundResult: null }) })
    expect(textOf(silent.page)).not.toContain('通知我')
  })

  test('after paying, of the parcel; not once it is on its way', async () => {
    const paid = await start()
    const page = paid.phone.openPage(`/pages/pay-result/pay-result?orderId=${ORDER}`)
    await pass()
    await tapText(page.element, '通知我')
    expect(paid.subscriptions.asked).toEqual([['template-shipped']])
    const shipped = await start({
      [`POST /v1/orders/${ORDER}/payment/sync`]: ok(aPaidOrder({ status: 'shipped' })),
    })
    const later = shipped.phone.openPage(`/pages/pay-result/pay-result?orderId=${ORDER}`)
    await pass()
    expect(textOf(later)).toContain('支付成功')
    expect(textOf(later)).not.toContain('发货时通知我')
  })

  const atMe = async (roles: readonly string[]) => {
    const started = await start({
      'GET /v1/me': ok({ openid: 'oStaff1', roles }),
      'GET /v1/merchant/refunds?status=requested': ok({ items: [], nextCursor: null }),
      'GET /v1/merchant/attention': ok({ items: [], nextCursor: null }),
    })
    const page = started.phone.openPage('/pages/me/me', 'reLaunch')
    await pass()
    return { ...started, page }
  }

  test('to those who decide on refunds, of new requests', async () => {
    const { page, subscriptions } = await atMe(['finance'])
    await tapText(page.element, '提醒我')
    expect(subscriptions.asked).toEqual([['template-requested']])
  })

  test('not to support, whom no request is announced to, nor to shoppers', async () => {
    expect(textOf((await atMe(['support'])).page)).not.toContain('新退款申请提醒我')
    expect(textOf((await atMe([])).page)).not.toContain('新退款申请提醒我')
  })
})

test('the templates are read once and asked again after a failure', async () => {
  jest.resetModules()
  const fake = createFakeWx({ [TEMPLATES]: [refused(400, 'INVALID_INPUT'), ok(ALL)] })
  Object.assign(globalThis, { wx: fake.wx })
  const { loadMessageKinds } = await import('../../miniprogram/services/messages.ts')
  expect([...(await loadMessageKinds())]).toEqual([])
  expect([...(await loadMessageKinds())]).toEqual(['refundResult', 'refundRequested', 'shipped'])
  await loadMessageKinds()
  expect(requestsTo(fake.sent, TEMPLATES)).toBe(2)
})
