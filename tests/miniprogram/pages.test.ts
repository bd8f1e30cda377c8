/** @module The shopper's pages as a shopper meets them: what is on the screen after which tap. */
import { findByText, input, type TestPage, tap } from 'miniprogram-preview/testing'
import { anOrder, aPaidOrder, aProduct, NOON_MS } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, tapText, textOf } from './phone.ts'
import { callNow, goBack, startProgram } from './program.ts'

const ORDER = 'O20261122A'
const params = { timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 's' }
const products = ok({
  items: [aProduct(), aProduct({ productId: 'honey', title: '椴树蜜', priceFen: 4590 })],
})
const unpaid = anOrder()
const page = (items: unknown[], nextCursor: string | null = null) => ok({ items, nextCursor })

const start = (script: Script) =>
  startProgram({
    'GET /v1/products': products,
    [`GET /v1/orders/${ORDER}`]: ok(unpaid),
    [`POST /v1/orders/${ORDER}/payment`]: ok(params),
    [`POST /v1/orders/${ORDER}/payment/sync`]: ok(unpaid),
    ...script,
  })

test('a full bag says so, and never that something was put into it', async () => {
  const { phone } = await start({
    'GET /v1/products': ok({
      items: Array.from({ length: 51 }, (_, i) => aProduct({ productId: `p${i}`, title: `好物${i}号` })),
    }),
    'GET /v1/products/p50': ok(aProduct({ productId: 'p50', title: '好物50号' })),
  })
  const home = phone.openPage('/pages/home/home', 'reLaunch')
  await pass()
  for (let i = 0; i <= 50; i++) {
    expect(phone.overlay.textContent).not.toContain('购物袋最多放 50 种商品')
    tap(home.element.querySelector(`[aria-label="加入购物袋 好物${i}号"]`))
    await pass()
  }
  expect(phone.overlay.textContent).toContain('购物袋最多放 50 种商品，请先结算一部分')
  await pass(3_000)
  const product = phone.openPage('/pages/product/product?productId=p50')
  await pass()
  await tapText(product.element, '加入购物袋')
  expect(phone.overlay.textContent).toContain('购物袋最多放 50 种商品')
  expect(phone.overlay.textContent).not.toContain('已放入购物袋')
  // Fifty cards, each drawn anew fifty times.
}, 30_000)

describe('from the catalogue to the payment', () => {
  /** Two coffees in the bag, at the checkout, with an address from WeChat's book. */
  const atCheckout = async (script: Script) => {
    const started = await start(script)
    const { phone } = started
    phone.replaceWx({
      chooseAddress: ({ success }: { success: (address: unknown) => void }) =>
        success({
          userName: '林小满',
          telNumber: '13800138000',
          provinceName: '北京市',
          cityName: '北京市',
          countyName: '朝阳区',
          detailInfo: '建国路 88 号',
        }),
    })
    const home = phone.openPage('/pages/home/home', 'reLaunch')
    await pass()
    tap(home.element.querySelector('[aria-label="加入购物袋 云南小粒咖啡豆 250 克"]'))
    await pass()
    expect(textOf(home)).toContain('合计¥68.00')
    await tapText(home.element, '去结算')
    const checkout = phone.currentPage()
    expect(phone.currentRoute()).toBe('pages/checkout/checkout')
    await tapText(checkout.element, '选择收货地址')
    return { ...started, checkout }
  }

  test('an order is submitted once however often the button is tapped, and paid only when the server says so', async () => {
    const { phone, checkout, sent, cashier } = await atCheckout({
      'POST /v1/orders': ok(anOrder({ amountFen: 6800 })),
      [`POST /v1/orders/${ORDER}/payment/sync`]: [ok(unpaid), ok(aPaidOrder())],
    })
    expect(textOf(checkout)).toContain('北京市朝阳区建国路 88 号')
    tap(findByText(checkout.element, '提交订单'))
    tap(findByText(checkout.element, '正在提交'))
    // The page itself refuses too, even if a button let a second tap through.
    callNow(checkout, 'onSubmit')
    await pass()
    expect(requestsTo(sent, 'POST /v1/orders')).toBe(1)
    expect(sent.find(({ path }) => path === '/v1/orders')?.data).toEqual({
      items: [{ productId: 'coffee-beans', quantity: 1 }],
      delivery: { name: '林小满', phone: '13800138000', address: '北京市朝阳区建国路 88 号' },
    })
    expect(cashier.seen).toHaveLength(1)
    expect(phone.currentRoute()).toBe('pages/pay-result/pay-result')
    // WeChat said ok on the phone; the server has not heard of it yet.
    expect(textOf(phone.currentPage())).toContain('正在确认支付结果')
    expect(textOf(phone.currentPage())).not.toContain('支付成功')
    await pass(1_000)
    expect(textOf(phone.currentPage())).toContain('支付成功')
    const asked = requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)
    await pass(60_000)
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)).toBe(asked)
  })

  test('a lost answer is sent again under the same key and finds the order it made', async () => {
    const { phone, checkout, sent } = await atCheckout({
      'POST /v1/orders': ['no answer', ok(anOrder({ amountFen: 6800 }))],
    })
    await tapText(checkout.element, '提交订单')
    expect(phone.overlay.textContent).toContain('网络不太顺畅，请检查网络后再试。')
    await tapText(phone.overlay, '知道了')
    await tapText(checkout.element, '提交订单')
    const keys = sent
      .filter(({ path }) => path === '/v1/orders')
      .map(({ header }) => header['Idempotency-Key'])
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
    expect(phone.currentRoute()).toBe('pages/pay-result/pay-result')
  })

  test('an order that costs more than the screen said is paid only if the shopper agrees', async () => {
    const { phone, checkout, cashier } = await atCheckout({
      'POST /v1/orders': ok(anOrder({ amountFen: 7900 })),
    })
    await tapText(checkout.element, '提交订单')
    expect(phone.overlay.textContent).toContain('订单应付 ¥79.00')
    await tapText(phone.overlay, '稍后再说')
    expect(cashier.seen).toHaveLength(0)
    expect(phone.currentRoute()).toBe('pages/order/order')
  })

  test('goods that ran out meanwhile are said and taken from the list', async () => {
    const { phone, checkout, sent } = await atCheckout({
      'POST /v1/orders': refused(409, 'OUT_OF_STOCK'),
      'GET /v1/products': [products, products, ok({ items: [aProduct({ stock: 0 })] })],
    })
    await tapText(checkout.element, '提交订单')
    expect(phone.overlay.textContent).toContain('有商品库存不足')
    await tapText(phone.overlay, '知道了')
    expect(textOf(checkout)).toContain('没有待结算的商品')
    expect(requestsTo(sent, 'POST /v1/orders')).toBe(1)
  })

  test('an order that an earlier submission made is shown instead of made again', async () => {
    const { phone, checkout } = await atCheckout({
      'POST /v1/orders': refused(409, 'IDEMPOTENCY_MISMATCH'),
      'GET /v1/orders': page([unpaid]),
    })
    await tapText(checkout.element, '提交订单')
    expect(phone.overlay.textContent).toContain('刚才的提交已经生成了订单')
    await tapText(phone.overlay, '知道了')
    expect(phone.currentRoute()).toBe('pages/orders/orders')
  })

  test('without permission for the address book a plain form is the way, checked before it is used', async () => {
    const { phone, checkout } = await atCheckout({})
    phone.replaceWx({
      chooseAddress: ({ fail }: { fail: (error: unknown) => void }) =>
        fail({ errMsg: 'chooseAddress:fail auth deny' }),
    })
    await tapText(checkout.element, '更换')
    expect(textOf(checkout)).toContain('没有取得微信地址，可以在这里手动填写。')
    const [, telephone, address] = [...checkout.element.querySelectorAll('input')]
    input(telephone, '12')
    await tapText(checkout.element, '保存')
    expect(textOf(checkout)).toContain('请填写可以联系到的电话号码。')
    input(telephone, '13900139000')
    input(address, '文三路 90 号')
    await tapText(checkout.element, '保存')
    expect(textOf(checkout)).toContain('林小满13900139000文三路 90 号')
  })
})

describe('the payment’s result', () => {
  const URL = `/pages/pay-result/pay-result?orderId=${ORDER}`

  test('nobody could say: it is being confirmed, asked again by itself, and never called unpaid', async () => {
    const { phone, sent } = await start({
      [`POST /v1/orders/${ORDER}/payment/sync`]: refused(503, 'PAYMENT_UNCERTAIN'),
    })
    const result = phone.openPage(URL)
    await pass()
    expect(textOf(result)).toContain('正在确认支付结果')
    await pass(120_000)
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)).toBe(8)
    expect(textOf(result)).toContain('核对时间比平时长一些')
    expect(textOf(result)).not.toContain('继续支付')
    await tapText(result.element, '刷新支付结果')
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)).toBe(9)
  })

  test('a cancelled payment is unfinished, with the time left, and can be gone on with', async () => {
    const { phone, cashier, sent } = await start({
      [`POST /v1/orders/${ORDER}/payment/sync`]: [ok(unpaid), ok(unpaid), ok(aPaidOrder())],
    })
    cashier.answer = { errMsg: 'requestPayment:fail cancel' }
    const result = phone.openPage(URL)
    await pass()
    expect(textOf(result)).toContain('支付未完成')
    expect(textOf(result)).toContain('剩余支付时间 14:00')
    await pass(1_000)
    expect(textOf(result)).toContain('剩余支付时间 13:59')
    await tapText(result.element, '继续支付')
    expect(textOf(result)).toContain('支付未完成')
    cashier.answer = { errMsg: 'requestPayment:ok' }
    await tapText(result.element, '继续支付')
    expect(textOf(result)).toContain('支付成功')
    expect(cashier.seen).toHaveLength(2)
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment`)).toBe(2)
  })

  test('hidden, it stops asking; shown again, it asks', async () => {
    const { phone, sent } = await start({
      [`POST /v1/orders/${ORDER}/payment/sync`]: after(500, refused(503, 'UNAVAILABLE')),
      'GET /v1/products/coffee-beans': ok(aProduct()),
    })
    phone.openPage(URL)
    await pass()
    // The answer is still on its way when the page is covered.
    phone.openPage('/pages/product/product?productId=coffee-beans')
    await pass(60_000)
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)).toBe(1)
    goBack()
    await pass()
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/payment/sync`)).toBe(2)
  })

  test('an address that names no order asks nothing', async () => {
    const { phone, sent } = await start({})
    const result = phone.openPage('/pages/pay-result/pay-result?orderId=..%2Fmerchant')
    await pass()
    expect(textOf(result)).toContain('没有找到这笔订单')
    expect(sent).toHaveLength(0)
  })
})

describe('one order', () => {
  const URL = `/pages/order/order?orderId=${ORDER}`

  test('cancelling asks first; closing the question is no decision', async () => {
    const { phone, sent } = await start({
      [`POST /v1/orders/${ORDER}/cancel`]: ok(
        anOrder({ status: 'closed', closedAt: '2026-11-22T12:00:01.000Z' }),
      ),
    })
    const order = phone.openPage(URL)
    await pass()
    expect(textOf(order)).toContain('待付款')
    await tapText(order.element, '取消订单')
    await tapText(phone.overlay, '再想想')
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/cancel`)).toBe(0)
    await tapText(order.element, '取消订单')
    await tapText(phone.overlay, '取消订单')
    expect(requestsTo(sent, `POST /v1/orders/${ORDER}/cancel`)).toBe(1)
    expect(textOf(order)).toContain('已关闭')
    expect(textOf(order)).not.toContain('继续支付')
  })

  test('an order found paid while cancelling is shown as paid', async () => {
    const { phone } = await start({
      [`POST /v1/orders/${ORDER}/cancel`]: refused(409, 'ORDER_ALREADY_PAID'),
      [`GET /v1/orders/${ORDER}`]: [ok(unpaid), ok(aPaidOrder())],
    })
    const order = phone.openPage(URL)
    await pass()
    await tapText(order.element, '取消订单')
    await tapText(phone.overlay, '取消订单')
    expect(phone.overlay.textContent).toContain('订单已经支付成功')
    await tapText(phone.overlay, '知道了')
    expect(textOf(order)).toContain('已支付，待发货')
  })

  test('a shipped order is confirmed as received after a question', async () => {
    const shipped = aPaidOrder({ status: 'shipped', shippedAt: '2026-11-22T12:30:00.000Z' })
    const { phone } = await start({
      [`GET /v1/orders/${ORDER}`]: ok(shipped),
      [`POST /v1/orders/${ORDER}/received`]: ok({ ...shipped, status: 'completed' }),
    })
    const order = phone.openPage(URL)
    await pass()
    await tapText(order.element, '确认收货')
    await tapText(phone.overlay, '已收到')
    expect(textOf(order)).toContain('已完成')
  })

  test('overdue on the screen: the server is asked whether it was paid', async () => {
    const overdue = anOrder({ expiresAt: new Date(NOON_MS + 30_000).toISOString() })
    const { phone } = await start({
      [`GET /v1/orders/${ORDER}`]: ok(overdue),
      [`POST /v1/orders/${ORDER}/payment/sync`]: ok(aPaidOrder()),
    })
    const order = phone.openPage(URL)
    await pass()
    expect(textOf(order)).toContain('已支付，待发货')
  })

  test('somebody else’s order is not there, and there is a way back', async () => {
    const { phone } = await start({
      [`GET /v1/orders/${ORDER}`]: refused(404, 'NOT_FOUND'),
      'GET /v1/orders': page([]),
    })
    const order = phone.openPage(URL)
    await pass()
    expect(textOf(order)).toContain('没有找到这笔订单')
    await tapText(order.element, '查看订单')
    expect(phone.currentRoute()).toBe('pages/orders/orders')
  })

  test('without a network it says so, and 重试 brings it', async () => {
    const { phone } = await start({
      [`GET /v1/orders/${ORDER}`]: ['no answer', 'no answer', 'no answer', ok(unpaid)],
    })
    const order = phone.openPage(URL)
    await pass(2_000)
    expect(textOf(order)).toContain('网络不太顺畅，请检查网络后再试。')
    await tapText(order.element, '重试')
    expect(textOf(order)).toContain('待付款')
  })
})

describe('the list of orders', () => {
  const URL = '/pages/orders/orders'
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => aPaidOrder({ orderId: `O${from + i}` }))

  const reachBottom = async (list: TestPage) => {
    callNow(list, 'onReachBottom')
    await pass()
  }

  test('pages by cursor until the end, each order once', async () => {
    const { phone, sent } = await start({
      'GET /v1/orders': page(many(0, 20), 'c1'),
      'GET /v1/orders?cursor=c1': page(many(19, 5)),
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass()
    expect(list.data().cards).toHaveLength(20)
    await reachBottom(list)
    expect(list.data().cards).toHaveLength(24)
    expect(textOf(list)).toContain('没有更多订单了')
    await reachBottom(list)
    expect(requestsTo(sent, 'GET /v1/orders?cursor=c1')).toBe(1)
  })

  test('a next page that fails is offered again without losing the first', async () => {
    const { phone } = await start({
      'GET /v1/orders': page(many(0, 20), 'c1'),
      'GET /v1/orders?cursor=c1': [
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        page(many(20, 1)),
      ],
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass()
    await reachBottom(list)
    await pass(2_000)
    expect(list.data().cards).toHaveLength(20)
    await tapText(list.element, '没有加载出来，点这里再试一次')
    expect(list.data().cards).toHaveLength(21)
  })

  test('a tab asks for its status; an older answer does not overwrite a newer tab', async () => {
    const { phone } = await start({
      'GET /v1/orders': after(1_000, page([unpaid])),
      'GET /v1/orders?status=closed': page([]),
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass()
    await tapText(list.element, '已关闭')
    await pass(2_000)
    expect(textOf(list)).toContain('还没有订单')
    await tapText(list.element, '去逛逛')
    expect(phone.currentRoute()).toBe('pages/home/home')
  })

  test('the bottom of a list that is not there yet asks for nothing and calls nothing empty', async () => {
    const { phone, sent } = await start({
      'GET /v1/orders': page(many(0, 20), 'c1'),
      'GET /v1/orders?status=closed': after(1_000, page(many(0, 1))),
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass()
    await tapText(list.element, '已关闭')
    await reachBottom(list)
    expect(list.data().state).toBe('loading')
    await pass(2_000)
    expect(list.data().cards).toHaveLength(1)
    expect(sent.filter(({ path }) => path.includes('cursor'))).toEqual([])
  })

  test('back from an order’s page the list stays and that order is fresh', async () => {
    const { phone, sent } = await start({
      'GET /v1/orders': page([unpaid, aPaidOrder({ orderId: 'O2' })]),
      [`GET /v1/orders/${ORDER}`]: [ok(unpaid), ok(aPaidOrder())],
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass()
    const [card] = [...list.element.querySelectorAll('order-card')]
    if (card === undefined) throw new Error('the list shows no card')
    await tapText(card, '云南小粒咖啡豆 250 克')
    expect(phone.currentRoute()).toBe('pages/order/order')
    goBack()
    await pass()
    expect(textOf(list)).not.toContain('待付款 云南')
    expect(list.data().cards).toMatchObject([{ statusText: '已支付，待发货' }, {}])
    expect(requestsTo(sent, 'GET /v1/orders')).toBe(1)
  })

  test('a failure has a way back', async () => {
    const { phone } = await start({
      'GET /v1/orders': [
        refused(503, 'UNAVAILABLE'),
        refused(503, 'UNAVAILABLE'),
        refused(503, 'UNAVAILABLE'),
        page([unpaid]),
      ],
    })
    const list = phone.openPage(URL, 'reLaunch')
    await pass(2_000)
    expect(textOf(list)).toContain('服务暂时繁忙，请稍后再试。')
    await tapText(list.element, '重试')
    expect(textOf(list)).toContain('待付款')
  })
})

describe('my page', () => {
  test('shows the own openid, why, and the way to the unpaid orders', async () => {
    const { phone } = await start({
      'GET /v1/me': ok({ openid: 'oShopper1', roles: [] }),
      'GET /v1/orders?status=awaitingPayment': page([unpaid]),
    })
    const me = phone.openPage('/pages/me/me', 'reLaunch')
    await pass()
    expect(textOf(me)).toContain('oShopper1')
    expect(textOf(me)).toContain('新员工把它告诉店主')
    await tapText(me.element, '待付款')
    expect(phone.currentRoute()).toBe('pages/orders/orders')
    expect(phone.currentPage().data()).toMatchObject({ tab: 'awaitingPayment', state: 'there' })
  })
})
