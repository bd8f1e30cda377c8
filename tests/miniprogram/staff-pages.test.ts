/** @module The staff's pages as staff meet them: what is decided after which tap, and what never is. */
import type { Order, Refund } from '@yuanlu/contract'
import { findByText, input, type TestPage, tap } from 'miniprogram-preview/testing'
import { anEvent, aRefund, aTransfer } from './a-refund.ts'
import { anOrder, aPaidOrder, aProduct, NOON_MS } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, tapText as tapOnly, textOf } from './phone.ts'
import { goBack, startProgram } from './program.ts'
import { bodiesTo, callHandler, tapText } from './staff-hands.ts'

const NOW_MS = NOON_MS + 3 * 60 * 60_000 + 10 * 60_000
const R = 'O20261122A-r1'
const GET = `GET /v1/merchant/refunds/${R}`
const POST = `POST /v1/merchant/refunds/${R}`
const LIST = 'GET /v1/merchant/refunds?status=requested'
const page = (items: unknown[], nextCursor: string | null = null) => ok({ items, nextCursor })
const me = (role: string | null, openid = 'oFinance') => ok({ openid, roles: role === null ? [] : [role] })

const requested = aRefund()
const withOrder = (refund: Refund, change: Partial<Order> = {}) =>
  ok({ refund, order: aPaidOrder({ refundableFen: 6800, refunds: [refund], ...change }) })
const refunding: Refund = { ...requested, status: 'refunding', transfer: aTransfer('processing') }
const aProblem = (status: Parameters<typeof aTransfer>[0], reasonCode: string | null = null): Refund => {
  const transfer = aTransfer(status, { reasonCode })
  return aRefund({ status: 'problem', transfer, transfers: [transfer] })
}

const start = (script: Script) =>
  startProgram(
    {
      'GET /v1/products': ok({ items: [aProduct()] }),
      'GET /v1/me': me('finance'),
      ...script,
    },
    NOW_MS,
  )

const openRefund = async (script: Script) => {
  const started = await start({ [GET]: withOrder(requested), ...script })
  started.phone.openPage('/pages/home/home', 'reLaunch')
  const shown = started.phone.openPage(`/pages/staff-refund/staff-refund?refundId=${R}`)
  await pass()
  return { ...started, shown }
}

const field = (shown: TestPage, tag = 'textarea'): Element => {
  const found = shown.element.querySelector(tag)
  if (found === null) throw new Error(`no ${tag}`)
  return found
}

describe('my page', () => {
  const open = async (script: Script) => {
    const started = await start({
      [LIST]: page([requested, aRefund({ refundId: 'r2' })]),
      'GET /v1/merchant/attention': page(
        Array.from({ length: 20 }, (_, i) => ({ id: `a${i}` })),
        'c1',
      ),
      ...script,
    })
    const shown = started.phone.openPage('/pages/me/me', 'reLaunch')
    await pass()
    return { ...started, shown }
  }

  test('staff find their desk, with what waits on its badges', async () => {
    const { shown, phone } = await open({ 'GET /v1/me': me('support') })
    expect(textOf(shown)).toContain('商家工作台')
    expect(textOf(shown)).toContain('客服')
    expect(shown.element.querySelector('[aria-label="退款审批，2 条待办"]')).not.toBeNull()
    expect(textOf(shown)).toContain('20+需要处理')
    await tapText(shown.element, '退款审批')
    expect(phone.currentRoute()).toBe('pages/staff-refunds/staff-refunds')
  })

  test('a shopper finds none and asks for none, whatever the phone’s storage says', async () => {
    localStorage.setItem('roles', JSON.stringify(['owner']))
    const { shown, sent } = await open({ 'GET /v1/me': me(null) })
    expect(textOf(shown)).not.toContain('商家工作台')
    expect(sent.filter(({ path }) => path.startsWith('/v1/merchant'))).toEqual([])
  })

  test('the role is asked for each time the page shows', async () => {
    const { shown, sent } = await open({ 'GET /v1/me': [me('owner'), me(null)] })
    expect(textOf(shown)).toContain('商家工作台')
    await callHandler(shown, 'onShow')
    expect(textOf(shown)).not.toContain('商家工作台')
    expect(requestsTo(sent, 'GET /v1/me')).toBe(2)
  })

  test('badges that can’t be counted are left out, the desk stays', async () => {
    const { shown } = await open({ [LIST]: refused(503, 'UNAVAILABLE') })
    await pass(5_000)
    expect(textOf(shown)).toContain('商家工作台')
    expect(shown.element.querySelector('[aria-label="退款审批"]')).not.toBeNull()
  })

  test('a role taken away meanwhile takes the desk away', async () => {
    const { shown } = await open({ [LIST]: refused(403, 'NOT_ALLOWED') })
    expect(textOf(shown)).not.toContain('商家工作台')
  })
})

describe('approving', () => {
  test('needs two taps: the first restates order, person and amount and decides nothing', async () => {
    const { shown, phone, sent } = await openRefund({
      [GET]: [withOrder(requested), withOrder(refunding)],
      [`${POST}/approve`]: ok(refunding),
    })
    await tapText(shown.element, '同意退款')
    expect(textOf(shown)).toContain('同意这笔退款？')
    expect(textOf(shown)).toContain('订单O20261122A')
    expect(textOf(shown)).toContain('买家林小满 · oShopper1')
    expect(textOf(shown)).toContain('退款金额¥68.00')
    expect(requestsTo(sent, `${POST}/approve`)).toBe(0)
    input(field(shown), '电话确认过')
    await tapText(shown.element, '确认退款 ¥68.00')
    expect(bodiesTo(sent, `${POST}/approve`)).toEqual([{ amountFen: 6800, note: '电话确认过' }])
    expect(textOf(shown)).toContain('微信支付已受理')
    expect(textOf(shown)).not.toContain('确认退款')
    expect(phone.overlay.textContent).toContain('已提交，款项正在退回')
  })

  test('closing the sheet, by its button or beside it, is no decision', async () => {
    const { shown, sent } = await openRefund({})
    await tapText(shown.element, '同意退款')
    await tapText(shown.element, '再看看')
    expect(textOf(shown)).not.toContain('同意这笔退款？')
    await tapText(shown.element, '拒绝')
    tap(shown.element.querySelector('staff-sheet')?.querySelector('.mask, [class$="mask"]'))
    await pass()
    expect(textOf(shown)).not.toContain('拒绝这笔退款？')
    goBack()
    await pass()
    expect(sent.filter(({ method, path }) => method === 'POST' && path.includes('refunds'))).toEqual([])
  })

  test('the second half of a double tap is no decision, even where the button appears under the finger', async () => {
    const { shown, sent } = await openRefund({ [`${POST}/approve`]: ok(refunding) })
    await tapOnly(shown.element, '同意退款')
    await tapOnly(shown.element, '确认退款 ¥68.00')
    expect(requestsTo(sent, `${POST}/approve`)).toBe(0)
    await pass(400)
    await tapOnly(shown.element, '确认退款 ¥68.00')
    expect(requestsTo(sent, `${POST}/approve`)).toBe(1)
  })

  test('nor does it close the sheet, where the way back appears under the finger', async () => {
    const { shown } = await openRefund({})
    await tapOnly(shown.element, '同意退款')
    await tapOnly(shown.element, '再看看')
    expect(textOf(shown)).toContain('同意这笔退款？')
    await pass(400)
    await tapOnly(shown.element, '再看看')
    expect(textOf(shown)).not.toContain('同意这笔退款？')
  })

  test('two quick taps on the confirming button are one decision', async () => {
    const { shown, sent } = await openRefund({ [`${POST}/approve`]: after(2_000, ok(refunding)) })
    await tapText(shown.element, '同意退款')
    const confirm = findByText(shown.element, '确认退款 ¥68.00')
    tap(confirm)
    tap(confirm)
    await callHandler(shown, 'onConfirm')
    // While it is on its way the sheet can't be closed as if nothing had happened.
    await tapText(shown.element, '再看看')
    expect(textOf(shown)).toContain('同意这笔退款？')
    await pass(3_000)
    expect(requestsTo(sent, `${POST}/approve`)).toBe(1)
  })

  test('support sees the button, why it can’t be used, and that it does nothing', async () => {
    const { shown, sent } = await openRefund({ 'GET /v1/me': me('support') })
    expect(textOf(shown)).toContain('需要财务或店主权限')
    await tapText(shown.element, '同意退款')
    await pass()
    expect(textOf(shown)).not.toContain('同意这笔退款？')
    // The page itself refuses too, even if a disabled button let a tap through.
    await callHandler(shown, 'onAction', undefined, { kind: 'approve' })
    expect(shown.data().sheet).toBeNull()
    await tapText(shown.element, '拒绝')
    expect(textOf(shown)).toContain('拒绝这笔退款？')
    expect(requestsTo(sent, `${POST}/approve`)).toBe(0)
  })

  test('the first of two approvals is shown as waiting for the second', async () => {
    const half = aRefund({ approvals: [{ by: 'oFinance', at: '2026-11-22T15:00:00.000Z' }] })
    const { shown, phone } = await openRefund({
      [GET]: [withOrder(requested), withOrder(half)],
      [`${POST}/approve`]: ok(half),
    })
    await tapText(shown.element, '同意退款')
    await tapText(shown.element, '确认退款 ¥68.00')
    expect(textOf(shown)).toContain('待第二人审批')
    expect(textOf(shown)).toContain('您已经同意，正在等待另一位同事审批。')
    expect(phone.overlay.textContent).toContain('已记录您的同意，待第二人审批')
  })

  test.each([
    ['AMOUNT_CHANGED', '申请金额有变化', withOrder(aRefund({ amountFen: 5000 })), '本次申请¥50.00'],
    ['REFUND_ALREADY_DECIDED', '刚刚已经有了结果', withOrder(aRefund({ status: 'rejected' })), '已拒绝'],
    ['SECOND_APPROVER_MUST_DIFFER', '还需要另一位同事同意', withOrder(requested), '待审核'],
    ['OWN_REQUEST', '不能由您来处理', withOrder(requested), '待审核'],
  ] as const)('%s is explained, over the fresh state', async (code, sentence, fresh, shownState) => {
    const { shown, phone, sent } = await openRefund({
      [GET]: [withOrder(requested), fresh],
      [`${POST}/approve`]: refused(409, code),
    })
    await tapText(shown.element, '同意退款')
    await tapText(shown.element, '确认退款 ¥68.00')
    expect(phone.overlay.textContent).toContain(sentence)
    expect(requestsTo(sent, GET)).toBe(2)
    expect(textOf(shown)).toContain(shownState)
    await tapText(phone.overlay, '知道了')
    expect(textOf(shown)).not.toContain('同意这笔退款？')
  })

  test('without an answer nobody is told that it failed, and the present state is asked for', async () => {
    const { shown, phone, sent } = await openRefund({
      [GET]: [withOrder(requested), withOrder(refunding)],
      [`${POST}/approve`]: 'no answer',
    })
    await tapText(shown.element, '同意退款')
    await tapText(shown.element, '确认退款 ¥68.00')
    expect(phone.overlay.textContent).toContain('可能已经生效')
    expect(textOf(shown)).toContain('退款中')
    expect(requestsTo(sent, `${POST}/approve`)).toBe(1)
  })

  test('a role taken away at the moment of decision is said kindly, and nothing stays on the screen', async () => {
    const { shown, phone } = await openRefund({
      [GET]: [withOrder(requested), refused(403, 'NOT_ALLOWED')],
      [`${POST}/approve`]: refused(403, 'NOT_ALLOWED'),
    })
    await tapText(shown.element, '同意退款')
    await tapText(shown.element, '确认退款 ¥68.00')
    expect(textOf(shown)).toContain('这里是店员的工作台')
    expect(textOf(shown)).not.toContain('林小满')
    await tapText(shown.element, '返回我的')
    expect(phone.currentRoute()).toBe('pages/me/me')
  })

  test('the amounts stand side by side', async () => {
    const { shown } = await openRefund({
      [GET]: withOrder(requested, { paidFen: 13600, refundedFen: 1000, refundableFen: 3800 }),
    })
    expect(textOf(shown)).toContain('已付¥136.00已退¥10.00退款中¥20.00可退¥38.00本次申请¥68.00')
  })
})

describe('rejecting and receiving', () => {
  test('a rejection needs its reason, and a quick one is a beginning', async () => {
    const rejected = aRefund({ status: 'rejected', rejectReason: '金额有误，请修改后重新申请' })
    const { shown, sent } = await openRefund({
      [GET]: [withOrder(requested), withOrder(rejected)],
      [`${POST}/reject`]: ok(rejected),
    })
    await tapText(shown.element, '拒绝')
    await tapText(shown.element, '确认拒绝')
    expect(textOf(shown)).toContain('请填写拒绝原因，让买家知道为什么。')
    expect(requestsTo(sent, `${POST}/reject`)).toBe(0)
    await tapText(shown.element, '金额有误，请修改后重新申请')
    expect(textOf(shown)).not.toContain('请填写拒绝原因')
    await tapText(shown.element, '确认拒绝')
    expect(bodiesTo(sent, `${POST}/reject`)).toEqual([{ reason: '金额有误，请修改后重新申请' }])
    expect(textOf(shown)).toContain('已拒绝')
  })

  test('returned goods are confirmed by support too, after being asked', async () => {
    const returning = aRefund({
      status: 'returning',
      kind: 'returnAndRefund',
      timeline: [anEvent('goodsSent', { actor: 'oShopper1', note: '顺丰速运 SF123' })],
    })
    const { shown, sent } = await openRefund({
      'GET /v1/me': me('support'),
      [GET]: [withOrder(returning), withOrder(refunding)],
      [`${POST}/goods-received`]: ok(refunding),
    })
    expect(textOf(shown)).toContain('退货物流顺丰速运 SF123')
    await tapText(shown.element, '确认收到退货')
    expect(requestsTo(sent, `${POST}/goods-received`)).toBe(0)
    await tapText(shown.element, '已收到，退款 ¥68.00')
    expect(requestsTo(sent, `${POST}/goods-received`)).toBe(1)
    expect(textOf(shown)).toContain('退款中')
  })
})

describe('ways out of a problem', () => {
  const wayButton = (shown: TestPage, name: string): Element => {
    const button = [...shown.element.querySelectorAll('.way__button')].find(
      (each) => each.textContent?.trim() === name,
    )
    if (button === undefined) throw new Error(`no button ${name}`)
    return findByText(button, name)
  }
  const openWay = async (shown: TestPage, name: string) => {
    tap(wayButton(shown, name))
    await pass(500)
  }

  test('resubmitting after a refusal says that the number stays', async () => {
    const { shown, sent } = await openRefund({
      [GET]: [withOrder(aProblem('failed', 'NOT_ENOUGH')), withOrder(refunding)],
      [`${POST}/resubmit`]: ok(refunding),
    })
    expect(textOf(shown)).toContain('商户账户余额不足')
    await openWay(shown, '重新提交')
    expect(textOf(shown)).toContain('原来的退款单号')
    expect(requestsTo(sent, `${POST}/resubmit`)).toBe(0)
    await tapText(shown.element, '重新提交 ¥68.00')
    expect(requestsTo(sent, `${POST}/resubmit`)).toBe(1)
  })

  test('to the user’s card: filled in, checked, read back, and only then sent', async () => {
    const { shown, phone, sent } = await openRefund({
      [GET]: [withOrder(aProblem('abnormal')), withOrder(refunding)],
      [`${POST}/abnormal`]: ok(refunding),
    })
    await openWay(shown, '退到买家银行卡')
    await tapText(shown.element, '核对无误，下一步')
    expect(textOf(shown)).toContain('请选择开户银行。')
    await tapText(shown.element, '请选择银行')
    await tapText(phone.overlay, '确定')
    const [account, name] = [...shown.element.querySelectorAll('input')]
    input(account, '6214830012345678')
    input(name, '林小满')
    await tapText(shown.element, '核对无误，下一步')
    expect(phone.overlay.textContent).toContain('¥68.00 将退到 林小满 的工商银行卡，尾号 5678。')
    await tapText(phone.overlay, '再看看')
    expect(requestsTo(sent, `${POST}/abnormal`)).toBe(0)
    await tapText(shown.element, '核对无误，下一步')
    await tapText(phone.overlay, '确认退款')
    expect(bodiesTo(sent, `${POST}/abnormal`)).toEqual([
      {
        to: 'userBankCard',
        bankType: 'ICBC_DEBIT',
        bankAccount: '6214830012345678',
        realName: '林小满',
      },
    ])
  })

  test('to the shop’s own card it stays a problem, and only recording it off-line is left', async () => {
    // As the server has it: the transfer stays abnormal, and the timeline tells where the money went.
    const sentAway = {
      ...aProblem('abnormal'),
      timeline: [anEvent('stuck', { actor: 'system' }), anEvent('sentToMerchantCard')],
    }
    const { shown, phone, sent } = await openRefund({
      [GET]: [withOrder(aProblem('abnormal')), withOrder(sentAway)],
      [`${POST}/abnormal`]: ok(sentAway),
    })
    await openWay(shown, '退到商户银行卡')
    expect(textOf(shown)).toContain('买家不会自动收到')
    await tapText(shown.element, '¥68.00 退到商户卡')
    expect(bodiesTo(sent, `${POST}/abnormal`)).toEqual([{ to: 'merchantBankCard' }])
    expect(phone.overlay.textContent).toContain('请线下退给买家后登记')
    expect(() => wayButton(shown, '退到买家银行卡')).toThrow()
    expect(() => wayButton(shown, '退到商户银行卡')).toThrow()
    expect(wayButton(shown, '登记线下已退')).toBeDefined()
    expect(textOf(shown)).toContain('款项正在退到商户的银行卡。')
    const steps = ['等钱到达店铺的银行卡', '把 ¥68.00 转给买家', '回到这里点“登记线下已退”']
    expect(steps.map((step) => textOf(shown).indexOf(step) > 0)).toEqual([true, true, true])
  })

  test('off-line and abandoned carry their words', async () => {
    const { shown, sent } = await openRefund({
      [GET]: withOrder(aProblem('closed')),
      [`${POST}/offline`]: ok(aRefund({ status: 'refunded' })),
      [`${POST}/abandon`]: refused(409, 'REFUND_IN_PROGRESS'),
    })
    await openWay(shown, '登记线下已退')
    await tapText(shown.element, '已线下退 ¥68.00，登记')
    expect(textOf(shown)).toContain('请填写线下退款的凭证。')
    input(field(shown), '11 月 22 日支付宝转账，流水 123')
    await tapText(shown.element, '已线下退 ¥68.00，登记')
    expect(bodiesTo(sent, `${POST}/offline`)).toEqual([{ proof: '11 月 22 日支付宝转账，流水 123' }])
    await openWay(shown, '放弃退款')
    // What was typed for another decision is not carried over.
    await tapText(shown.element, '确认放弃')
    expect(textOf(shown)).toContain('请填写放弃的原因。')
    input(field(shown), '买家同意换货')
    await tapText(shown.element, '确认放弃')
    expect(bodiesTo(sent, `${POST}/abandon`)).toEqual([{ reason: '买家同意换货' }])
  })

  test('while the money may still move there is nothing to tap', async () => {
    const { shown } = await openRefund({ [GET]: withOrder(aProblem('unknown')) })
    expect(textOf(shown)).toContain('系统正在核对，暂时不需要您操作')
    expect(shown.element.querySelectorAll('.way__button, .bar__buttons')).toHaveLength(0)
  })
})

describe('the approval list', () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      aRefund({ refundId: `r${from + i}`, orderId: `O${from + i}`, amountFen: 1000 + from + i }),
    )
  const openList = async (script: Script) => {
    const started = await start({ [LIST]: page(many(0, 3)), ...script })
    started.phone.openPage('/pages/home/home', 'reLaunch')
    const shown = started.phone.openPage('/pages/staff-refunds/staff-refunds')
    await pass()
    return { ...started, shown }
  }
  const card = (shown: TestPage, i: number): Element => {
    const found = [...shown.element.querySelectorAll('staff-refund-card')][i]
    if (found === undefined) throw new Error(`no card ${i}`)
    return found
  }
  const tapCard = async (shown: TestPage, i: number) => {
    await tapText(card(shown, i), '不想要了')
  }

  test('shows what waits, how long, how much and why, page by page', async () => {
    const { shown, sent } = await openList({
      [LIST]: page(many(0, 20), 'c1'),
      [`${LIST}&cursor=c1`]: page(many(19, 3)),
    })
    expect(card(shown, 0).textContent).toContain('已等待 3 小时')
    expect(card(shown, 0).textContent).toContain('仅退款')
    expect(card(shown, 0).textContent).toContain('¥10.00')
    await callHandler(shown, 'onReachBottom')
    expect(shown.data().cards).toHaveLength(22)
    expect(textOf(shown)).toContain('没有更多了')
    await callHandler(shown, 'onReachBottom')
    expect(requestsTo(sent, `${LIST}&cursor=c1`)).toBe(1)
  })

  test('a next page that fails is offered again', async () => {
    const { shown } = await openList({
      [LIST]: page(many(0, 20), 'c1'),
      [`${LIST}&cursor=c1`]: [
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        refused(500, 'INTERNAL'),
        page(many(20, 1)),
      ],
    })
    await callHandler(shown, 'onReachBottom')
    await pass(3_000)
    expect(shown.data().cards).toHaveLength(20)
    await tapText(shown.element, '没有加载出来，点这里再试一次')
    expect(shown.data().cards).toHaveLength(21)
  })

  test('a tab asks for its status; an older answer does not overwrite it', async () => {
    const { shown } = await openList({
      [LIST]: after(1_000, page(many(0, 3))),
      'GET /v1/merchant/refunds?status=problem': page([]),
    })
    await tapText(shown.element, '有问题')
    await pass(2_000)
    expect(textOf(shown)).toContain('没有需要处理的退款')
  })

  test('a number is looked for in every state', async () => {
    const { shown, sent } = await openList({
      'GET /v1/merchant/refunds?q=O7': page([aRefund({ status: 'rejected', orderId: 'O7' })]),
      'GET /v1/merchant/refunds': page([]),
    })
    const box = field(shown, 'input')
    input(box, ' O7 ')
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await pass()
    expect(requestsTo(sent, 'GET /v1/merchant/refunds?q=O7')).toBe(1)
    expect(textOf(shown)).toContain('已拒绝')
    expect(shown.data().tab).toBe('all')
  })

  test('without a role it says so, and shows nobody’s refunds', async () => {
    const { shown } = await openList({ [LIST]: refused(403, 'NOT_ALLOWED') })
    expect(textOf(shown)).toContain('这里是店员的工作台')
  })

  test('a failure has a way back', async () => {
    const { shown } = await openList({
      [LIST]: ['no answer', 'no answer', 'no answer', page(many(0, 1))],
    })
    await pass(3_000)
    expect(textOf(shown)).toContain('网络不太顺畅')
    await tapText(shown.element, '重试')
    expect(shown.data().cards).toHaveLength(1)
  })

  test('back from a decision the card leaves its tab and the list is not loaded again', async () => {
    const { shown, phone, sent } = await openList({
      'GET /v1/merchant/refunds/r0': [
        withOrder(aRefund({ refundId: 'r0' })),
        withOrder(aRefund({ refundId: 'r0', status: 'rejected' })),
      ],
    })
    await tapCard(shown, 0)
    expect(phone.currentRoute()).toBe('pages/staff-refund/staff-refund')
    goBack()
    await pass()
    expect(shown.data().cards).toHaveLength(2)
    expect(requestsTo(sent, LIST)).toBe(1)
  })

  test('back from a refund, its slow answer does not reach into the tab that was opened meanwhile', async () => {
    const { shown, phone } = await openList({
      'GET /v1/merchant/refunds/r0': [
        withOrder(aRefund({ refundId: 'r0' })),
        after(1_000, withOrder(aRefund({ refundId: 'r0' }))),
      ],
      'GET /v1/merchant/refunds?status=refunding': page([{ ...refunding, refundId: 'r0' }]),
    })
    await tapCard(shown, 0)
    goBack()
    await pass()
    expect(phone.currentRoute()).toBe('pages/staff-refunds/staff-refunds')
    await tapText(shown.element, '退款中')
    await pass(2_000)
    expect(shown.data().cards).toMatchObject([{ refundId: 'r0', statusText: '退款中' }])
  })

  describe('several at once', () => {
    const choose = async (shown: TestPage, ...which: number[]) => {
      await tapText(shown.element, '批量审批')
      for (const i of which) await tapCard(shown, i)
    }

    test('the sheet restates count and total; each result is shown, a refusal stops nothing', async () => {
      const { shown, sent } = await openList({
        [LIST]: [page(many(0, 3)), page(many(1, 1))],
        'POST /v1/merchant/refunds/r0/approve': ok({ ...refunding, refundId: 'r0' }),
        'POST /v1/merchant/refunds/r1/approve': refused(409, 'AMOUNT_CHANGED'),
        'POST /v1/merchant/refunds/r2/approve': 'no answer',
      })
      await choose(shown, 0, 1, 2)
      expect(textOf(shown)).toContain('已选 3 笔')
      expect(textOf(shown)).toContain('¥30.03')
      await tapText(shown.element, '同意所选')
      expect(textOf(shown)).toContain('笔数3 笔')
      expect(textOf(shown)).toContain('合计金额¥30.03')
      expect(sent.filter(({ method, path }) => method === 'POST' && path.includes('approve'))).toEqual([])
      await tapText(shown.element, '同意 3 笔，共 ¥30.03')
      await pass(200)
      expect(bodiesTo(sent, 'POST /v1/merchant/refunds/r0/approve')).toEqual([{ amountFen: 1000 }])
      expect(textOf(shown)).toContain('1 笔已处理，2 笔未完成，请逐笔查看')
      expect(textOf(shown)).toContain('O0¥10.00已提交，款项正在退回')
      expect(textOf(shown)).toContain('O1¥10.01申请金额有变化')
      expect(textOf(shown)).toContain('O2¥10.02没有收到服务器的回答，刚才的操作可能已经生效')
      await tapText(shown.element, '完成')
      expect(textOf(shown)).not.toContain('处理结果')
      expect(requestsTo(sent, LIST)).toBe(2)
      expect(shown.data().cards).toHaveLength(1)
    })

    test('closing its sheet decides nothing and keeps the choice', async () => {
      const { shown, sent } = await openList({})
      await choose(shown, 0, 2)
      await tapText(shown.element, '同意所选')
      await tapText(shown.element, '再看看')
      expect(textOf(shown)).toContain('已选 2 笔')
      await tapCard(shown, 2)
      expect(textOf(shown)).toContain('已选 1 笔')
      expect(sent.filter(({ path }) => path.includes('approve'))).toEqual([])
    })

    test('while it runs the results can’t be closed and it can’t be begun again', async () => {
      const { shown, sent } = await openList({
        'POST /v1/merchant/refunds/r0/approve': after(1_000, ok(refunding)),
        'POST /v1/merchant/refunds/r1/approve': after(1_000, ok(refunding)),
      })
      await choose(shown, 0, 1)
      await tapText(shown.element, '同意所选')
      await tapText(shown.element, '同意 2 笔，共 ¥20.01')
      await callHandler(shown, 'onConfirm')
      expect(textOf(shown)).toContain('正在处理 1/2，请不要离开')
      await tapText(shown.element, '完成')
      expect(textOf(shown)).toContain('处理结果')
      await pass(3_000)
      expect(textOf(shown)).toContain('2 笔都已处理')
      expect(sent.filter(({ path }) => path.includes('approve'))).toHaveLength(2)
    })

    test('left while it runs, what was not sent yet is not sent', async () => {
      const { shown, sent } = await openList({
        'POST /v1/merchant/refunds/r0/approve': after(1_000, ok(refunding)),
      })
      await choose(shown, 0, 1)
      await tapText(shown.element, '同意所选')
      await tapText(shown.element, '同意 2 笔，共 ¥20.01')
      goBack()
      await pass(3_000)
      expect(sent.filter(({ path }) => path.includes('approve'))).toHaveLength(1)
    })

    test('support can’t begin, and reads why', async () => {
      const { shown, phone } = await openList({ 'GET /v1/me': me('support') })
      expect(textOf(shown)).toContain('需要财务或店主权限')
      await tapText(shown.element, '批量审批')
      expect(shown.data().choosing).toBe(false)
      expect(phone.overlay.textContent).toContain('需要财务或店主权限')
    })

    test('one’s own request can’t be chosen', async () => {
      const { shown } = await openList({ 'GET /v1/me': me('owner', 'oShopper1') })
      await choose(shown, 0)
      expect(textOf(shown)).toContain('已选 0 笔')
    })
  })
})

describe('what needs a person', () => {
  const mismatch = {
    id: 'amountMismatch-42',
    kind: 'amountMismatch',
    orderId: 'O20261122A',
    since: '2026-11-22T12:10:00.000Z',
    summary: 'paid 1 fen of 13600',
  }
  const failed = { ...mismatch, id: 'refundFailed-1', kind: 'refundFailed', refundId: R }
  const RESOLVE = `POST /v1/merchant/attention/${mismatch.id}/resolve`
  const openIt = async (script: Script) => {
    const started = await start({ 'GET /v1/merchant/attention': page([mismatch, failed]), ...script })
    const shown = started.phone.openPage('/pages/staff-attention/staff-attention')
    await pass()
    return { ...started, shown }
  }

  test('each kind in plain words, with the way to its refund and order', async () => {
    const { shown, phone } = await openIt({ [GET]: withOrder(requested) })
    expect(textOf(shown)).toContain('付款金额与订单不一致')
    expect(textOf(shown)).toContain('退款被微信支付拒绝')
    expect(textOf(shown)).not.toContain('paid 1 fen')
    await tapText(shown.element, '查看退款')
    expect(phone.currentRoute()).toBe('pages/staff-refund/staff-refund')
  })

  test.each([
    ['接受这笔付款', '确认接受付款', 'accept', '订单按实际收到的金额变为已支付'],
    ['退回这笔钱', '确认退回', 'refund', '全部原路退回给付款人'],
  ])('%s is restated and needs its note', async (button, confirm, action, warning) => {
    const { shown, sent } = await openIt({
      'GET /v1/merchant/attention': [page([mismatch]), page([])],
      [RESOLVE]: ok(mismatch),
    })
    await tapText(shown.element, button)
    expect(textOf(shown)).toContain(warning)
    await tapText(shown.element, confirm)
    expect(textOf(shown)).toContain('请填写说明')
    expect(requestsTo(sent, RESOLVE)).toBe(0)
    input(field(shown), '与买家核对过')
    await tapText(shown.element, confirm)
    expect(bodiesTo(sent, RESOLVE)).toEqual([{ note: '与买家核对过', action }])
    expect(textOf(shown)).toContain('没有需要处理的事')
  })

  test('closing the sheet decides nothing', async () => {
    const { shown, sent } = await openIt({})
    await tapText(shown.element, '退回这笔钱')
    await tapText(shown.element, '再看看')
    expect(sent.filter(({ path }) => path.includes('resolve'))).toEqual([])
  })

  test('a note is enough where no money waits, and carries no action', async () => {
    const NOTE = 'POST /v1/merchant/attention/refundFailed-1/resolve'
    const { shown, sent } = await openIt({ [NOTE]: ok(failed) })
    await tapText(shown.element, '登记说明')
    input(field(shown), '已线下处理')
    await tapText(shown.element, '登记为已处理')
    expect(bodiesTo(sent, NOTE)).toEqual([{ note: '已线下处理' }])
  })

  test('support reads, and is told who resolves', async () => {
    const { shown } = await openIt({ 'GET /v1/me': me('support') })
    expect(textOf(shown)).toContain('需要财务或店主权限')
    await tapText(shown.element, '退回这笔钱')
    expect(textOf(shown)).not.toContain('退回这笔钱？')
  })

  test('pages by cursor', async () => {
    const { shown } = await openIt({
      'GET /v1/merchant/attention': page([mismatch], 'c1'),
      'GET /v1/merchant/attention?cursor=c1': page([mismatch, failed]),
    })
    await callHandler(shown, 'onReachBottom')
    expect(shown.data().cards).toHaveLength(2)
  })
})

describe('orders', () => {
  const O = 'O20261122A'
  const ORDER = `GET /v1/merchant/orders/${O}`
  const REFUND = `POST /v1/merchant/orders/${O}/refund`
  const paid = aPaidOrder()
  const openOrder = async (script: Script) => {
    const started = await start({ [ORDER]: ok(paid), ...script })
    const shown = started.phone.openPage(`/pages/staff-order/staff-order?orderId=${O}`)
    await pass()
    return { ...started, shown }
  }

  test('the list searches every state and opens an order', async () => {
    const { phone, sent } = await start({
      'GET /v1/merchant/orders': page([paid, anOrder({ orderId: 'O2' })]),
      'GET /v1/merchant/orders?q=4200': page([paid]),
      [ORDER]: ok(paid),
    })
    const shown = phone.openPage('/pages/staff-orders/staff-orders')
    await pass()
    expect(textOf(shown)).toContain('林小满')
    expect(shown.data().cards).toHaveLength(2)
    const box = field(shown, 'input')
    input(box, '4200')
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await pass()
    expect(requestsTo(sent, 'GET /v1/merchant/orders?q=4200')).toBe(1)
    await tapText(shown.element, O)
    expect(phone.currentRoute()).toBe('pages/staff-order/staff-order')
  })

  test('back from an order, its slow answer does not reach into the tab that was opened meanwhile', async () => {
    const { phone } = await start({
      'GET /v1/merchant/orders': page([paid]),
      'GET /v1/merchant/orders?status=shipped': page([aPaidOrder({ status: 'shipped' })]),
      [ORDER]: [ok(paid), after(1_000, ok(paid))],
    })
    phone.openPage('/pages/home/home', 'reLaunch')
    const shown = phone.openPage('/pages/staff-orders/staff-orders')
    await pass()
    await tapText(shown.element, O)
    goBack()
    await pass()
    await tapText(shown.element, '已发货')
    await pass(2_000)
    expect(shown.data().cards).toMatchObject([{ orderId: O, statusText: '已发货' }])
  })

  test('its refunds lead to their pages', async () => {
    const { shown, phone } = await openOrder({
      [ORDER]: ok(aPaidOrder({ refunds: [requested] })),
      [GET]: withOrder(requested),
    })
    await tapText(shown.element, '待审核')
    expect(phone.currentRoute()).toBe('pages/staff-refund/staff-refund')
  })

  const fill = async (shown: TestPage, amount: string, reason: string) => {
    await tapText(shown.element, '主动退款')
    input(field(shown, 'input'), amount)
    input(field(shown), reason)
    await tapText(shown.element, '核对无误，下一步')
  }

  test('a refund without a request is restated before it is sent', async () => {
    const { shown, phone, sent } = await openOrder({ [REFUND]: ok(refunding) })
    await fill(shown, '12.50', '缺货')
    expect(phone.overlay.textContent).toContain('订单 O20261122A，林小满，退款 ¥12.50。')
    await tapText(phone.overlay, '再看看')
    expect(requestsTo(sent, REFUND)).toBe(0)
    await tapText(shown.element, '核对无误，下一步')
    await tapText(phone.overlay, '确认退款')
    expect(bodiesTo(sent, REFUND)).toEqual([{ amountFen: 1250, reason: '缺货' }])
    expect(phone.overlay.textContent).toContain('已提交，款项正在退回')
  })

  test('more than is left is stopped on the page', async () => {
    const { shown, phone, sent } = await openOrder({})
    await fill(shown, '136.01', '缺货')
    expect(textOf(shown)).toContain('最多可退 ¥136.00，请调整金额。')
    expect(phone.overlay.textContent).not.toContain('确认退款')
    expect(requestsTo(sent, REFUND)).toBe(0)
  })

  test('a lost answer is sent again under the same key; another amount or a second refund is another key', async () => {
    const { shown, phone, sent } = await openOrder({
      [REFUND]: ['no answer', ok(refunding), 'no answer', ok(refunding)],
    })
    const send = async (amount: string) => {
      await fill(shown, amount, '缺货')
      await tapText(phone.overlay, '确认退款')
    }
    const sendInVain = async (amount: string) => {
      await send(amount)
      expect(phone.overlay.textContent).toContain('可能已经生效')
      await tapText(phone.overlay, '知道了')
    }
    await sendInVain('12.50')
    await send('12.50')
    await sendInVain('12.50')
    await send('12.51')
    const keys = sent
      .filter(({ method, path }) => `${method} ${path}` === REFUND)
      .map(({ header }) => header['Idempotency-Key'])
    expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    expect(keys[1]).toBe(keys[0])
    expect(new Set(keys).size).toBe(3)
  })

  test('support can’t, and reads why', async () => {
    const { shown } = await openOrder({ 'GET /v1/me': me('support') })
    expect(textOf(shown)).toContain('需要财务或店主权限')
    await tapText(shown.element, '主动退款')
    expect(shown.data().sheet).toBeNull()
  })

  test('an unpaid order has nothing to refund', async () => {
    const { shown } = await openOrder({ [ORDER]: ok(anOrder()) })
    expect(textOf(shown)).not.toContain('主动退款')
  })

  test('an address that names no order asks nothing', async () => {
    const { phone, sent } = await start({})
    const shown = phone.openPage('/pages/staff-order/staff-order?orderId=..%2Fme')
    await pass()
    expect(textOf(shown)).toContain('没有找到这笔订单')
    expect(sent).toHaveLength(0)
  })
})
