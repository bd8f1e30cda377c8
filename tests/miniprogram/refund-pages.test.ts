/** @module The shopper's refund as a shopper meets it: ask, follow, send back, withdraw, ask again. */
import { findByText, input, tap } from 'miniprogram-preview/testing'
import { aMovingRefund, anEvent, aRefund, aTransfer } from './a-refund.ts'
import { aPaidOrder, aProduct } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, tapText, textOf } from './phone.ts'
import { callNow, goBack, startProgram } from './program.ts'

const ORDER = 'O20261122A'
const REFUND = 'O20261122A-r1'
const ASK = `POST /v1/orders/${ORDER}/refunds`
const GET_ORDER = `GET /v1/orders/${ORDER}`
const GET_REFUND = `GET /v1/refunds/${REFUND}`

const start = (script: Script) =>
  startProgram({
    'GET /v1/products': ok({ items: [aProduct()] }),
    [GET_ORDER]: ok(aPaidOrder()),
    [GET_REFUND]: ok(aRefund()),
    [ASK]: ok(aRefund()),
    ...script,
  })

const bodiesOf = (sent: readonly { method: string; path: string; data: unknown }[]) =>
  sent.filter(({ method, path }) => `${method} ${path}` === ASK).map(({ data }) => data)

describe('asking for a refund', () => {
  const URL = `/pages/refund-apply/refund-apply?orderId=${ORDER}`

  const atApplication = async (script: Script = {}) => {
    const started = await start(script)
    const page = started.phone.openPage(URL)
    await pass()
    return { ...started, page }
  }

  const chooseReason = async (page: { element: HTMLElement }, reason: string) => {
    await tapText(page.element, '退款原因')
    await pass(500)
    await tapText(page.element, reason)
    await pass(500)
  }

  test('from the order’s page to the refund’s, in one submission however often the button is tapped', async () => {
    const { phone, sent } = await start({ [ASK]: after(500, ok(aRefund())) })
    const order = phone.openPage(`/pages/order/order?orderId=${ORDER}`)
    await pass()
    await tapText(order.element, '申请退款')
    expect(phone.currentRoute()).toBe('pages/refund-apply/refund-apply')
    const page = phone.currentPage()
    expect(textOf(page)).toContain('退款不需要付款码、截图或链接，钱会原路退回您付款的账户。')
    expect(textOf(page)).not.toContain('退货退款')
    await chooseReason(page, '不想要了')
    tap(findByText(page.element, '提交申请'))
    callNow(page, 'onSubmit')
    await pass()
    expect(phone.overlay.textContent).toContain('仅退款，退款金额 ¥136.00。')
    expect(phone.overlay.textContent?.split('提交退款申请？')).toHaveLength(2)
    expect(requestsTo(sent, ASK)).toBe(0)
    await tapText(phone.overlay, '提交申请')
    callNow(page, 'onSubmit')
    await pass()
    expect(phone.overlay.textContent).not.toContain('提交退款申请？')
    await pass(1_000)
    expect(bodiesOf(sent)).toEqual([
      {
        kind: 'refundOnly',
        amountFen: 13600,
        items: [{ productId: 'coffee-beans', quantity: 2 }],
        reason: '不想要了',
      },
    ])
    expect(phone.currentRoute()).toBe('pages/refund/refund')
    expect(textOf(phone.currentPage())).toContain('待商家审核')
  })

  test('closing the question is no decision', async () => {
    const { phone, page, sent } = await atApplication()
    await chooseReason(page, '发货太慢')
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '再看看')
    expect(requestsTo(sent, ASK)).toBe(0)
    expect(phone.currentRoute()).toBe('pages/refund-apply/refund-apply')
    expect(textOf(page)).toContain('发货太慢')
  })

  test('what is missing is said, one thing at a time, and nothing is sent', async () => {
    const { phone, page, sent } = await atApplication()
    await tapText(page.element, '提交申请')
    expect(phone.overlay.textContent).toContain('请选择退款原因')
    await chooseReason(page, '不想要了')
    await tapText(page.element, '按金额退')
    input(page.element.querySelector('input'), '136.01')
    await pass()
    expect(textOf(page)).toContain('最多可退 ¥136.00')
    await tapText(page.element, '提交申请')
    expect(requestsTo(sent, ASK)).toBe(0)
    input(page.element.querySelector('input'), '0.07')
    await pass()
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(bodiesOf(sent)).toEqual([{ kind: 'refundOnly', amountFen: 7, reason: '不想要了' }])
  })

  test('of a shipped order: kind, received or not, pieces by stepper up to what is unclaimed', async () => {
    const claimed = aPaidOrder({
      status: 'shipped',
      refundableFen: 6800,
      refunds: [aRefund({ refundId: 'r0' })],
    })
    const { phone, page, sent } = await atApplication({ [GET_ORDER]: ok(claimed) })
    await tapText(page.element, '退款原因')
    expect(phone.overlay.textContent).toContain('请选择退款类型')
    await tapText(page.element, '仅退款')
    expect(textOf(page)).toContain('是否收到商品')
    await tapText(page.element, '未收到货')
    await chooseReason(page, '快递一直没有送到')
    await tapText(page.element, '按商品退')
    expect(textOf(page)).toContain('可退 1 件（共 2 件）')
    const plus = page.element.querySelector('.t-stepper__plus') ?? page.element.querySelector('[class*=plus]')
    tap(plus)
    await pass()
    tap(plus)
    await pass()
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(bodiesOf(sent)).toEqual([
      {
        kind: 'refundOnly',
        amountFen: 6800,
        items: [{ productId: 'coffee-beans', quantity: 1 }],
        reason: '未收到货，快递一直没有送到',
      },
    ])
  })

  test('a lost answer says that asking again asks once, and keeps the key', async () => {
    const { phone, page, sent } = await atApplication({ [ASK]: ['no answer', ok(aRefund())] })
    await chooseReason(page, '不想要了')
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(phone.overlay.textContent).toContain('请再提交一次，不会重复申请。')
    await tapText(phone.overlay, '知道了')
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    const keys = sent
      .filter(({ path }) => path.endsWith('/refunds'))
      .map((one) => one.header['Idempotency-Key'])
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
    expect(phone.currentRoute()).toBe('pages/refund/refund')
  })

  test('less is left than the screen said: the new cap is named and the page follows', async () => {
    const exceeds = {
      statusCode: 409,
      data: {
        ok: false,
        error: {
          code: 'REFUND_EXCEEDS_BALANCE',
          message: '',
          retry: 'no',
          requestId: 'r1',
          details: { refundableFen: 3600, capFen: 3600 },
        },
      },
    }
    const { phone, page } = await atApplication({
      [ASK]: exceeds,
      [GET_ORDER]: [ok(aPaidOrder()), ok(aPaidOrder({ refundableFen: 3600 }))],
    })
    await chooseReason(page, '不想要了')
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(phone.overlay.textContent).toContain('现在最多可退 ¥36.00')
    await tapText(phone.overlay, '知道了')
    expect(textOf(page)).toContain('最多可退 ¥36.00')
    expect(textOf(page)).toContain('不想要了')
  })

  test.each([
    ['REFUND_LIMIT_REACHED', '退款次数已达上限'],
    ['REFUND_WINDOW_CLOSED', '已超过可退款的期限'],
    ['REFUND_IN_PROGRESS', '有退款正在处理'],
    ['ORDER_NOT_PAID', '还没有完成支付'],
  ])('%s is told in words', async (code, words) => {
    const { phone, page } = await atApplication({ [ASK]: refused(409, code) })
    await chooseReason(page, '不想要了')
    await tapText(page.element, '提交申请')
    await tapText(phone.overlay, '提交申请')
    expect(phone.overlay.textContent).toContain(words)
    await tapText(phone.overlay, '知道了')
    expect(phone.currentRoute()).toBe('pages/refund-apply/refund-apply')
  })

  test('an order without money left says why, and leads back to it', async () => {
    const { phone, page } = await atApplication({ [GET_ORDER]: ok(aPaidOrder({ refundableFen: 0 })) })
    expect(textOf(page)).toContain('现在不能申请退款')
    expect(textOf(page)).toContain('这笔订单的钱已经全部退回，或正在其他退款里处理。')
    await tapText(page.element, '查看订单')
    expect(phone.currentRoute()).toBe('pages/order/order')
  })

  test('somebody else’s order is not there; without a network there is 重试', async () => {
    const gone = await atApplication({ [GET_ORDER]: refused(404, 'NOT_FOUND') })
    expect(textOf(gone.page)).toContain('没有找到这笔订单')
    jest.useRealTimers()
    const { page } = await atApplication({
      [GET_ORDER]: ['no answer', 'no answer', 'no answer', ok(aPaidOrder())],
    })
    await pass(2_000)
    expect(textOf(page)).toContain('网络不太顺畅，请检查网络后再试。')
    await tapText(page.element, '重试')
    expect(textOf(page)).toContain('最多可退 ¥136.00')
  })
})

describe('one refund', () => {
  const URL = `/pages/refund/refund?refundId=${REFUND}`
  const done = aMovingRefund('succeeded', {
    status: 'refunded',
    timeline: [anEvent('approved'), anEvent('succeeded', { actor: 'system' })],
  })

  test('on its way it is looked at again by itself, until it arrived, and then no more', async () => {
    const { phone, sent } = await start({
      [GET_REFUND]: [ok(aMovingRefund('unknown')), ok(aMovingRefund('processing')), ok(done)],
    })
    const page = phone.openPage(URL)
    await pass()
    expect(textOf(page)).toContain('正在向微信支付核对结果')
    expect(textOf(page)).not.toContain('失败')
    await pass(2_000)
    expect(textOf(page)).toContain('微信支付已受理')
    await pass(3_000)
    expect(textOf(page)).toContain('退款成功')
    const asked = requestsTo(sent, GET_REFUND)
    await pass(300_000)
    expect(requestsTo(sent, GET_REFUND)).toBe(asked)
  })

  test('hidden, it stops looking; a look that fails is quiet and tried again', async () => {
    const { phone, sent } = await start({
      [GET_REFUND]: [
        ok(aMovingRefund('processing')),
        refused(403, 'NOT_ALLOWED'),
        after(500, ok(aMovingRefund('processing'))),
      ],
      'GET /v1/refunds': ok({ items: [], nextCursor: null }),
    })
    phone.openPage(URL)
    await pass()
    await pass(2_000)
    expect(phone.overlay.textContent).not.toContain('权限')
    await pass(3_000)
    expect(requestsTo(sent, GET_REFUND)).toBe(3)
    // The answer is still on its way when the page is covered.
    phone.openPage('/pages/refunds/refunds')
    await pass(300_000)
    expect(requestsTo(sent, GET_REFUND)).toBe(3)
    goBack()
    await pass()
    expect(requestsTo(sent, GET_REFUND)).toBe(4)
  })

  test('withdrawing asks first, and afterwards offers to ask again', async () => {
    const withdrawn = aRefund({
      status: 'withdrawn',
      timeline: [anEvent('withdrawn', { actor: 'oShopper1' })],
    })
    const call = `POST /v1/refunds/${REFUND}/withdraw`
    const { phone, sent } = await start({
      [GET_REFUND]: [ok(aRefund()), ok(withdrawn)],
      [call]: ok(withdrawn),
    })
    const page = phone.openPage(URL)
    await pass()
    await tapText(page.element, '撤销申请')
    await tapText(phone.overlay, '先不撤销')
    expect(requestsTo(sent, call)).toBe(0)
    await tapText(page.element, '撤销申请')
    await tapText(phone.overlay, '撤销申请')
    expect(requestsTo(sent, call)).toBe(1)
    expect(textOf(page)).toContain('已撤销')
    await tapText(page.element, '再次申请')
    expect(phone.currentRoute()).toBe('pages/refund-apply/refund-apply')
  })

  test('decided before it was withdrawn: said, and shown as it is', async () => {
    const { phone } = await start({
      [GET_REFUND]: [ok(aRefund()), ok(done)],
      [`POST /v1/refunds/${REFUND}/withdraw`]: refused(409, 'REFUND_ALREADY_DECIDED'),
    })
    const page = phone.openPage(URL)
    await pass()
    await tapText(page.element, '撤销申请')
    await tapText(phone.overlay, '撤销申请')
    expect(phone.overlay.textContent).toContain('这笔退款已经处理过了')
    await tapText(phone.overlay, '知道了')
    expect(textOf(page)).toContain('退款成功')
  })

  test('a rejection shows its reason and the way to ask again', async () => {
    const reason = '商品已经定制'
    const rejected = aRefund({
      status: 'rejected',
      rejectReason: reason,
      timeline: [anEvent('rejected', { note: reason })],
    })
    const { phone } = await start({ [GET_REFUND]: ok(rejected) })
    const page = phone.openPage(URL)
    await pass()
    expect(textOf(page)).toContain('商家未同意')
    expect(textOf(page)).toContain(`商家的说明${reason}`)
    await tapText(page.element, '再次申请')
    expect(phone.currentRoute()).toBe('pages/refund-apply/refund-apply')
  })

  test('the parcel’s carrier and number are checked, asked about once more, and sent', async () => {
    const call = `POST /v1/refunds/${REFUND}/return`
    const waiting = aRefund({ kind: 'returnAndRefund', status: 'awaitingReturn' })
    const { phone, sent } = await start({
      [GET_REFUND]: ok(waiting),
      [call]: ok({ ...waiting, status: 'returning' }),
    })
    const page = phone.openPage(URL)
    await pass()
    await tapText(page.element, '提交物流信息')
    expect(textOf(page)).toContain('请填写快递公司，最多 60 个字。')
    const [carrier, number] = [...page.element.querySelectorAll('input')]
    input(carrier, ' 顺丰速运 ')
    input(number, 'SF123')
    await tapText(page.element, '提交物流信息')
    expect(phone.overlay.textContent).toContain('顺丰速运 SF123')
    await tapText(phone.overlay, '再看看')
    expect(requestsTo(sent, call)).toBe(0)
    await tapText(page.element, '提交物流信息')
    await tapText(phone.overlay, '提交')
    expect(sent.at(-1)?.data).toEqual({ carrier: '顺丰速运', trackingNo: 'SF123' })
    expect(textOf(page)).toContain('商品寄回中')
    expect(textOf(page)).not.toContain('提交物流信息')
  })

  describe('where goods go back to', () => {
    const TERMS = `GET /v1/refunds/${REFUND}/return`
    const waiting = aRefund({ kind: 'returnAndRefund', status: 'awaitingReturn' })
    const address = '浙江省杭州市西湖区龙井路 1 号 原路小店 0571-00000000'

    const atReturn = async (terms: Script[string]) => {
      const started = await start({ [GET_REFUND]: ok(waiting), [TERMS]: terms })
      const page = started.phone.openPage(URL)
      await pass()
      return { ...started, page }
    }

    test('is shown with its last day and what belongs into the parcel, and can be copied', async () => {
      const { phone, page } = await atReturn(ok({ address, sendBy: '2026-11-29T12:20:00.000Z' }))
      const copied: string[] = []
      phone.replaceWx({ setClipboardData: ({ data }: { data: string }) => copied.push(data) })
      expect(textOf(page)).toContain(address)
      expect(textOf(page)).toContain('请在 2026-11-29 20:20 前寄出，并在下面填写运单号。')
      expect(textOf(page)).toContain(`写上订单编号 ${ORDER}`)
      tap(page.element.querySelector('[aria-label="复制寄回地址"]'))
      expect(copied).toEqual([address])
    })

    test('has to be asked of a shop that named none', async () => {
      const { page } = await atReturn(ok({ address: null, sendBy: '2026-11-29T12:20:00.000Z' }))
      expect(textOf(page)).toContain('商家没有留下寄回地址。请先联系商家问清地址，再寄出商品。')
      expect(page.element.querySelector('[aria-label="复制寄回地址"]')).toBeNull()
    })

    test('that could not be read keeps nobody from telling the parcel', async () => {
      const { page } = await atReturn(refused(404, 'NOT_FOUND'))
      expect(textOf(page)).toContain('暂时没能读到寄回地址')
      expect(textOf(page)).toContain('提交物流信息')
    })

    test('is not asked for of any other refund', async () => {
      const { phone, sent } = await start({})
      phone.openPage(URL)
      await pass()
      expect(requestsTo(sent, TERMS)).toBe(0)
    })
  })

  test('what staff recorded of an off-line return is told in full, and why one was given up', async () => {
    const transfer = aTransfer('abnormal')
    const offline = aRefund({
      status: 'refunded',
      transfer,
      transfers: [transfer],
      timeline: [
        anEvent('approved', { note: '先放行' }),
        anEvent('succeeded', { note: '支付宝 2026112300' }),
      ],
    })
    const { phone } = await start({ [GET_REFUND]: ok(offline) })
    const page = phone.openPage(URL)
    await pass()
    expect(textOf(page)).toContain('商家登记的退款凭证支付宝 2026112300')
    expect(textOf(page)).toContain('凭证：支付宝 2026112300')
    expect(textOf(page)).not.toContain('先放行')
    const abandoned = aRefund({
      status: 'abandoned',
      timeline: [anEvent('abandoned', { note: '您同意换货' })],
    })
    const given = await start({ [GET_REFUND]: ok(abandoned) })
    const other = given.phone.openPage(URL)
    await pass()
    expect(textOf(other)).toContain('商家的说明您同意换货')
  })

  test('its number can be copied, and its order opened', async () => {
    const { phone } = await start({})
    const copied: string[] = []
    phone.replaceWx({ setClipboardData: ({ data }: { data: string }) => copied.push(data) })
    const page = phone.openPage(URL)
    await pass()
    tap(page.element.querySelector('[aria-label="复制退款编号"]'))
    expect(copied).toEqual([REFUND])
    await tapText(page.element, '查看订单')
    expect(phone.currentRoute()).toBe('pages/order/order')
  })

  test('an order that can not be asked for hides the goods’ names, not the refund', async () => {
    const { phone } = await start({ [GET_ORDER]: refused(404, 'NOT_FOUND') })
    const page = phone.openPage(URL)
    await pass()
    expect(textOf(page)).toContain('待商家审核')
    expect(textOf(page)).not.toContain('退款商品')
  })

  test('somebody else’s refund is not there; an odd address asks nothing', async () => {
    const { phone, sent } = await start({
      [GET_REFUND]: refused(404, 'NOT_FOUND'),
      'GET /v1/refunds': ok({ items: [], nextCursor: null }),
    })
    const page = phone.openPage(URL)
    await pass()
    expect(textOf(page)).toContain('没有找到这笔退款')
    const asked = sent.length
    const odd = phone.openPage('/pages/refund/refund?refundId=..%2Fmerchant')
    await pass()
    expect(textOf(odd)).toContain('没有找到这笔退款')
    expect(sent).toHaveLength(asked)
    await tapText(odd.element, '查看退款')
    expect(phone.currentRoute()).toBe('pages/refunds/refunds')
  })

  test('pulled down without a network it keeps what it shows', async () => {
    const { phone } = await start({ [GET_REFUND]: [ok(aRefund()), 'no answer'] })
    const page = phone.openPage(URL)
    await pass()
    callNow(page, 'onPullDownRefresh')
    await pass(3_000)
    expect(phone.overlay.textContent).toContain('网络不太顺畅')
    expect(textOf(page)).toContain('待商家审核')
  })
})

describe('the refunds of an order, on its page', () => {
  test('each is a tap away, with what went back and what is left', async () => {
    const order = aPaidOrder({
      refunds: [aRefund({ status: 'refunded' })],
      refundedFen: 6800,
      refundableFen: 6800,
    })
    const { phone } = await start({ [GET_ORDER]: ok(order) })
    const page = phone.openPage(`/pages/order/order?orderId=${ORDER}`)
    await pass()
    expect(textOf(page)).toContain('已退款¥68.00')
    expect(textOf(page)).toContain('还可退¥68.00')
    await tapText(page.element, '退款成功')
    expect(phone.currentRoute()).toBe('pages/refund/refund')
  })

  test('a fully refunded order says so and offers no refund', async () => {
    const order = aPaidOrder({
      refunds: [aRefund({ status: 'refunded' })],
      refundedFen: 13600,
      refundableFen: 0,
    })
    const { phone } = await start({ [GET_ORDER]: ok(order) })
    const page = phone.openPage(`/pages/order/order?orderId=${ORDER}`)
    await pass()
    expect(textOf(page)).toContain('已支付，已全额退款')
    expect(textOf(page)).not.toContain('申请退款')
  })
})

describe('the list of refunds', () => {
  const URL = '/pages/refunds/refunds'
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => aRefund({ refundId: `r${from + i}` }))
  const page = (items: unknown[], nextCursor: string | null = null) => ok({ items, nextCursor })

  test('is reached from my page, and pages by cursor until the end', async () => {
    const { phone, sent } = await start({
      'GET /v1/me': ok({ openid: 'oShopper1', roles: [] }),
      'GET /v1/refunds': page(many(0, 20), 'c1'),
      'GET /v1/refunds?cursor=c1': [
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        page(many(19, 3)),
      ],
    })
    const me = phone.openPage('/pages/me/me', 'reLaunch')
    await pass()
    await tapText(me.element, '退款/售后')
    const list = phone.currentPage()
    expect(phone.currentRoute()).toBe('pages/refunds/refunds')
    expect(list.data().cards).toHaveLength(20)
    callNow(list, 'onReachBottom')
    await pass(2_000)
    await tapText(list.element, '没有加载出来，点这里再试一次')
    expect(list.data().cards).toHaveLength(22)
    expect(textOf(list)).toContain('没有更多退款了')
    const asked = requestsTo(sent, 'GET /v1/refunds?cursor=c1')
    callNow(list, 'onReachBottom')
    await pass()
    expect(requestsTo(sent, 'GET /v1/refunds?cursor=c1')).toBe(asked)
  })

  test('back from a refund’s page that one is fresh, and the list is not asked again', async () => {
    const { phone, sent } = await start({
      'GET /v1/refunds': page([aRefund(), aRefund({ refundId: 'r2' })]),
      [GET_REFUND]: [ok(aRefund()), ok(aRefund({ status: 'rejected' }))],
    })
    const list = phone.openPage(URL)
    await pass()
    const [card] = [...list.element.querySelectorAll('refund-card')]
    if (card === undefined) throw new Error('the list shows no card')
    await tapText(card, '待商家审核')
    expect(phone.currentRoute()).toBe('pages/refund/refund')
    goBack()
    await pass()
    expect(list.data().cards).toMatchObject([{ statusText: '商家未同意' }, { statusText: '待商家审核' }])
    expect(requestsTo(sent, 'GET /v1/refunds')).toBe(1)
  })

  test('empty and failed have their way on', async () => {
    const { phone } = await start({
      'GET /v1/refunds': [
        refused(503, 'UNAVAILABLE'),
        refused(503, 'UNAVAILABLE'),
        refused(503, 'UNAVAILABLE'),
        page([]),
      ],
      'GET /v1/orders': page([]),
    })
    const list = phone.openPage(URL)
    await pass(2_000)
    expect(textOf(list)).toContain('服务暂时繁忙，请稍后再试。')
    await tapText(list.element, '重试')
    expect(textOf(list)).toContain('没有退款记录')
    await tapText(list.element, '查看订单')
    expect(phone.currentRoute()).toBe('pages/orders/orders')
  })
})
