/** @module What staff may do and what they are told: roles, states, sums, waiting times, sheets. */
import {
  ATTENTION_KINDS,
  type Me,
  REFUND_STATUSES,
  type Refund,
  ROLES,
  type Role,
  TRANSFER_STATUSES,
} from '@yuanlu/contract'
import { staffAttentionKindCopy } from '../../miniprogram/copy/staff-attention.ts'
import { staffBanks } from '../../miniprogram/copy/staff-refund.ts'
import {
  staffProblemCopy,
  staffRefundStatusCopy,
  staffTransferStatusCopy,
} from '../../miniprogram/copy/staff-refund-status.ts'
import { ApiFailure, type FailureCode } from '../../miniprogram/services/api-failure.ts'
import { canApprove, type StaffAction, staffActions } from '../../miniprogram/view/staff-actions.ts'
import { orderAmounts, refundAmounts } from '../../miniprogram/view/staff-amounts.ts'
import {
  attentionCardView,
  resolveActions,
  resolveBody,
  resolveSheet,
} from '../../miniprogram/view/staff-attention.ts'
import {
  batchSheet,
  batchSummary,
  batchView,
  doneLine,
  failedLine,
  MOST_AT_ONCE,
  toggled,
  waitingLine,
} from '../../miniprogram/view/staff-batch.ts'
import { deskView } from '../../miniprogram/view/staff-desk.ts'
import {
  decisionFailureText,
  failedPlaceholder,
  staffFailureText,
} from '../../miniprogram/view/staff-failure.ts'
import { readForm, refundQuestion, staffOrderView } from '../../miniprogram/view/staff-order.ts'
import { ordersQuery, staffOrderCardView } from '../../miniprogram/view/staff-orders.ts'
import { staffRefundView } from '../../miniprogram/view/staff-refund.ts'
import { staffRefundState } from '../../miniprogram/view/staff-refund-state.ts'
import {
  belongsTo,
  isStaffRefundsTab,
  refundsQuery,
  searchText,
  staffRefundCardView,
  staffRefundTabs,
} from '../../miniprogram/view/staff-refunds.ts'
import { mayCall, shortOpenid } from '../../miniprogram/view/staff-role.ts'
import {
  decisionOutcome,
  decisionProblem,
  decisionSheet,
  lastQuestion,
  NO_CARD,
  userCardBody,
} from '../../miniprogram/view/staff-sheets.ts'
import { waitingText } from '../../miniprogram/view/staff-time.ts'
import { timelineRows } from '../../miniprogram/view/staff-timeline.ts'
import { aMovingRefund, anEvent, aRefund, aTransfer } from './a-refund.ts'
import { anOrder, aPaidOrder } from './an-order.ts'

const ASKED_MS = Date.parse('2026-11-22T12:10:00.000Z')
const HOUR_MS = 60 * 60_000
const NOW_MS = ASKED_MS + 3 * HOUR_MS
const staff = (role: Role, openid = 'oStaffMember01'): Me => ({ openid, roles: [role] })
const FINANCE = staff('finance')
const noPictures = new Map<string, string>()
const failure = (code: FailureCode) => new ApiFailure({ code, retry: 'no', message: '' })

const aProblem = (status: (typeof TRANSFER_STATUSES)[number], reasonCode: string | null = null): Refund => {
  const transfer = aTransfer(status, { reasonCode })
  return aRefund({ status: 'problem', transfer, transfers: [transfer] })
}

describe('how long somebody has been waiting', () => {
  test.each([
    [-5_000, '刚刚提交'],
    [59_999, '刚刚提交'],
    [60_000, '已等待 1 分钟'],
    [HOUR_MS - 1, '已等待 59 分钟'],
    [3 * HOUR_MS, '已等待 3 小时'],
    [24 * HOUR_MS - 1, '已等待 23 小时'],
    [24 * HOUR_MS, '已等待 1 天'],
    [51 * HOUR_MS, '已等待 2 天 3 小时'],
  ])('%i ms is %s', (waitedMs, text) => {
    expect(waitingText(waitedMs)).toBe(text)
  })

  test('an undecided request waits since it was asked, and is late after a day', () => {
    expect(staffRefundState(aRefund(), NOW_MS)).toMatchObject({ waiting: '已等待 3 小时', late: false })
    expect(staffRefundState(aRefund(), ASKED_MS + 24 * HOUR_MS).late).toBe(true)
  })

  test('returned goods wait since they were sent; what is nobody’s turn here does not wait', () => {
    const sentAt = '2026-11-22T14:10:00.000Z'
    const returning = aRefund({ status: 'returning', timeline: [anEvent('goodsSent', { at: sentAt })] })
    expect(staffRefundState(returning, NOW_MS).waiting).toBe('已等待 1 小时')
    expect(staffRefundState(aMovingRefund('processing'), NOW_MS).waiting).toBe('')
    expect(staffRefundState(aRefund({ status: 'awaitingReturn' }), NOW_MS).waiting).toBe('')
  })
})

describe('which actions for which state, whoever looks', () => {
  const actionsOf = (refund: Refund, me = FINANCE): StaffAction[] =>
    staffActions(refund, me).map(({ action }) => action)

  const table: readonly (readonly [string, Refund, readonly StaffAction[]])[] = [
    ['requested', aRefund(), ['reject', 'approve']],
    ['withdrawn', aRefund({ status: 'withdrawn' }), []],
    ['rejected', aRefund({ status: 'rejected' }), []],
    ['awaitingReturn', aRefund({ status: 'awaitingReturn' }), []],
    ['returning', aRefund({ status: 'returning' }), ['receive']],
    ['refunding, submitting', aMovingRefund('submitting'), []],
    ['refunding, processing', aMovingRefund('processing'), []],
    ['refunding, unknown', aMovingRefund('unknown'), []],
    ['refunded', aMovingRefund('succeeded', { status: 'refunded' }), []],
    ['abandoned', aMovingRefund('closed', { status: 'abandoned' }), []],
    ['problem, no transfer', aRefund({ status: 'problem' }), []],
    ['problem, submitting', aProblem('submitting'), []],
    ['problem, unknown', aProblem('unknown'), []],
    ['problem, processing to the own card', aProblem('processing'), ['offline']],
    ['problem, arrived on the own card', aProblem('succeeded'), ['offline']],
    ['problem, closed', aProblem('closed'), ['resubmit', 'offline', 'abandon']],
    ['problem, abnormal', aProblem('abnormal'), ['toUserCard', 'toMerchantCard', 'offline']],
    ['problem, failed', aProblem('failed', 'NOT_ENOUGH'), ['resubmit', 'offline', 'abandon']],
    ['problem, account gone', aProblem('failed', 'USER_ACCOUNT_ABNORMAL'), ['offline', 'abandon']],
  ]

  test.each(table)('%s', (_, refund, actions) => {
    expect(actionsOf(refund)).toEqual(actions)
    expect(actionsOf(refund, staff('support'))).toEqual(actions)
  })

  test('every state and every place of the money is in the table', () => {
    const statuses = new Set(table.map(([, { status }]) => status))
    expect(REFUND_STATUSES.filter((status) => !statuses.has(status))).toEqual([])
    const problems = table.filter(([, { status }]) => status === 'problem')
    const moneys = new Set(problems.map(([, { transfer }]) => transfer?.status))
    expect(TRANSFER_STATUSES.filter((status) => !moneys.has(status))).toEqual([])
  })
})

describe('which of them for which role', () => {
  const NEEDS_FINANCE = '需要财务或店主权限，您可以请有权限的同事处理。'
  const states = [aRefund(), aRefund({ status: 'returning' }), ...TRANSFER_STATUSES.map((s) => aProblem(s))]
  const usable = (role: Role): string[] => [
    ...new Set(
      states.flatMap((refund) =>
        staffActions(refund, staff(role)).flatMap(({ action, why }) => (why === '' ? [action] : [])),
      ),
    ),
  ]

  test('support rejects and receives; everything that moves or gives up money needs finance', () => {
    expect(usable('support')).toEqual(['reject', 'receive'])
    const all = [
      'reject',
      'approve',
      'receive',
      'offline',
      'resubmit',
      'abandon',
      'toUserCard',
      'toMerchantCard',
    ]
    expect(usable('finance').sort()).toEqual([...all].sort())
    expect(usable('owner').sort()).toEqual([...all].sort())
  })

  test('what a role may not do is shown with the reason, not hidden', () => {
    const [, approve] = staffActions(aRefund(), staff('support'))
    expect(approve).toMatchObject({ action: 'approve', text: '同意退款', why: NEEDS_FINANCE })
  })

  test('a shopper may call none of the staff’s calls', () => {
    expect(mayCall([], 'listMerchantRefunds')).toBe(false)
    expect(mayCall([], 'approveRefund')).toBe(false)
    expect(ROLES.map((role) => mayCall([role], 'listMerchantRefunds'))).toEqual([true, true, true])
    expect(ROLES.map((role) => mayCall([role], 'refundOrder'))).toEqual([false, true, true])
    expect(ROLES.map((role) => mayCall([role], 'putStaff'))).toEqual([false, false, true])
  })

  test('nobody decides on their own request, in any state', () => {
    const me = staff('owner', 'oShopper1')
    for (const refund of states) {
      for (const { why } of staffActions(refund, me)) {
        expect(why).toBe('这是您自己的订单，请交给其他同事处理。')
      }
    }
  })

  test('a refund that a colleague began is decided by others, and its beginner is not taken for the buyer', () => {
    const begun = aRefund({ origin: 'staff' })
    expect(canApprove(begun, staff('finance', 'oShopper1'))).toBe(true)
  })

  test('the first of two approvers waits for the second, who may approve', () => {
    const half = aRefund({ approvals: [{ by: FINANCE.openid, at: '2026-11-22T12:30:00.000Z' }] })
    expect(staffRefundState(half, NOW_MS).title).toBe('待第二人审批')
    expect(staffActions(half, FINANCE)[1]?.why).toBe('您已经同意，正在等待另一位同事审批。')
    expect(canApprove(half, staff('owner', 'oOther'))).toBe(true)
  })

  test('a return is approved as one', () => {
    expect(staffActions(aRefund({ kind: 'returnAndRefund' }), FINANCE)[1]?.text).toBe('同意退货')
  })
})

describe('amounts side by side', () => {
  const labelled = (views: readonly { label: string; fen: number }[]) =>
    Object.fromEntries(views.map(({ label, fen }) => [label, fen]))

  test('an open request is counted once: the five add up to what was paid', () => {
    const order = aPaidOrder({ paidFen: 13600, refundedFen: 1000, refundableFen: 3800 })
    expect(labelled(refundAmounts(order, aRefund({ amountFen: 6800 })))).toEqual({
      已付: 13600,
      已退: 1000,
      退款中: 2000,
      可退: 3800,
      本次申请: 6800,
    })
  })

  test('a finished, rejected or given up one is not taken out of what is on its way', () => {
    const done = aPaidOrder({ paidFen: 13600, refundedFen: 6800, refundableFen: 6800 })
    expect(labelled(refundAmounts(done, aMovingRefund('succeeded', { status: 'refunded' })))).toMatchObject({
      已退: 6800,
      退款中: 0,
      可退: 6800,
    })
    const busy = aPaidOrder({ paidFen: 13600, refundedFen: 0, refundableFen: 6800 })
    expect(labelled(refundAmounts(busy, aRefund({ status: 'rejected' })))).toMatchObject({ 退款中: 6800 })
  })

  test('misplaced money that goes back never counted against the order', () => {
    const closed = anOrder({ status: 'closed' })
    const orphan = aMovingRefund('processing', { origin: 'system', amountFen: 13600 })
    expect(labelled(refundAmounts(closed, orphan))).toEqual({
      已付: 0,
      已退: 0,
      退款中: 0,
      可退: 0,
      本次申请: 13600,
    })
    const look = { me: FINANCE, pictures: noPictures, nowMs: NOW_MS }
    expect(staffRefundView({ refund: orphan, order: closed }, look).amountsHint).toBe('')
  })

  test('an order’s four add up too', () => {
    const order = aPaidOrder({ paidFen: 13600, refundedFen: 600, refundableFen: 3000 })
    expect(labelled(orderAmounts(order))).toEqual({ 已付: 13600, 已退: 600, 退款中: 10000, 可退: 3000 })
  })
})

describe('what a state says', () => {
  test.each(REFUND_STATUSES)('%s has a name and a sentence', (status) => {
    expect(staffRefundStatusCopy[status].title).toMatch(/[一-鿿]{2}/)
    expect(staffRefundStatusCopy[status].expectation).toMatch(/。$/)
  })

  test.each(TRANSFER_STATUSES)('money that is %s has words, and words for a problem', (status) => {
    expect(staffTransferStatusCopy[status]).toMatch(/[一-鿿]{2}/)
    expect(staffProblemCopy[status]).toMatch(/。$/)
  })

  test('unknown is never called failed, and nobody is told to refund another way', () => {
    const { expectation } = staffRefundState(aMovingRefund('unknown'), NOW_MS)
    expect(expectation).toContain('不能确定')
    expect(expectation).toContain('请不要用其他方式重复退款')
    expect(staffRefundState(aProblem('unknown'), NOW_MS).expectation).toContain('请不要用其他方式退款')
  })

  test('a transfer that waits its turn says when', () => {
    const transfer = aTransfer('submitting', { attempts: 0, nextAttemptAt: '2026-11-22T15:11:00.000Z' })
    const queued = aRefund({ status: 'refunding', transfer, transfers: [transfer] })
    expect(staffRefundState(queued, NOW_MS).expectation).toContain('预计 2026-11-22 23:11 提交')
    expect(staffRefundState(queued, NOW_MS + HOUR_MS).expectation).toBe('正在提交微信支付，请稍候。')
  })

  test('WeChat Pay’s reason is said in words, an unknown one never alone', () => {
    expect(staffRefundState(aProblem('failed', 'NOT_ENOUGH'), NOW_MS).expectation).toBe(
      '微信支付拒绝了这笔退款，款项没有退出。商户账户余额不足。充值后系统每 6 小时会自动重试，也可以马上重新提交。',
    )
    expect(staffRefundState(aProblem('failed', 'TRADE_OVERDUE'), NOW_MS).expectation).toContain(
      '微信支付给出的原因：TRADE_OVERDUE',
    )
  })
})

test('a refund that is over promises nothing of WeChat Pay’s reason any more', () => {
  const over = { ...aProblem('failed', 'NOT_ENOUGH'), status: 'refunded' as const }
  const order = aPaidOrder({ refunds: [over] })
  const view = staffRefundView({ refund: over, order }, { me: FINANCE, pictures: noPictures, nowMs: NOW_MS })
  const told = JSON.stringify([view.state, view.transfers, view.timeline])
  expect(told).toContain('商户账户余额不足。')
  expect(told).not.toContain('自动重试')
})

describe('the timeline', () => {
  test('is newest first, names people shortly, and puts codes into words', () => {
    const refund = aRefund({
      timeline: [
        anEvent('requested', { actor: 'oYl5X0sandboxXiaoLin000000A1', at: '2026-11-22T12:10:00.000Z' }),
        anEvent('approved', { actor: 'oYl5X0sandboxOwner00000000C3', note: '电话确认过' }),
        anEvent('stuck', { actor: 'system', note: 'NOT_ENOUGH' }),
        anEvent('succeeded', { actor: 'oYl5X0sandboxOwner00000000C3', note: '转账流水 123' }),
        anEvent('somethingNew', { actor: 'system' }),
      ],
    })
    const rows = timelineRows(refund).map(({ event, who, note }) => [event, who, note])
    expect(rows).toEqual([
      ['状态有更新', '系统', ''],
      ['登记线下已退', '店员 oYl5…00C3', '转账流水 123'],
      ['退款遇到问题', '系统', '商户账户余额不足。'],
      ['同意退款', '店员 oYl5…00C3', '电话确认过'],
      ['提交退款申请', '买家 oYl5…00A1', ''],
    ])
  })

  test('success that WeChat Pay reported is no off-line return, and a kind is said in words', () => {
    const refund = aRefund({
      origin: 'system',
      timeline: [
        anEvent('approved', { actor: 'system', note: 'paidAfterClose' }),
        anEvent('succeeded', { actor: 'system' }),
      ],
    })
    expect(timelineRows(refund).map(({ event, note }) => [event, note])).toEqual([
      ['款项已退回', ''],
      ['同意退款', '订单关闭后收到付款'],
    ])
  })

  test('a note that a person wrote in capitals stays what it is', () => {
    const refund = aRefund({ timeline: [anEvent('rejected', { note: 'OK' })] })
    expect(timelineRows(refund)[0]?.note).toBe('OK')
  })

  test('an openid is never shown whole', () => {
    expect(shortOpenid('oYl5X0sandboxXiaoLin000000A1')).toBe('oYl5…00A1')
  })
})

describe('the decision page', () => {
  const refund = aRefund({
    description: '杯子有裂痕',
    timeline: [anEvent('requested', { actor: 'oYl5X0sandboxXiaoLin000000A1' })],
  })
  const earlier = aRefund({ refundId: 'O20261122A-r0', status: 'rejected', amountFen: 100 })
  const order = aPaidOrder({ refunds: [earlier, refund] })
  const view = (me = FINANCE) =>
    staffRefundView({ refund, order }, { me, pictures: noPictures, nowMs: NOW_MS })

  test('shows the request, the goods it is for, and the order’s other refunds alone', () => {
    expect(view().request).toEqual([
      { label: '类型', value: '仅退款', copyable: false },
      { label: '来源', value: '买家申请', copyable: false },
      { label: '申请人', value: 'oYl5…00A1', copyable: false },
      { label: '申请时间', value: '2026-11-22 20:10', copyable: false },
      { label: '原因', value: '不想要了', copyable: false },
      { label: '说明', value: '杯子有裂痕', copyable: false },
    ])
    expect(view().items).toEqual(['云南小粒咖啡豆 250 克 ×1'])
    expect(view().others).toMatchObject([{ refundId: 'O20261122A-r0', statusText: '已拒绝', amountFen: 100 }])
  })

  test('says once why support can’t approve', () => {
    expect(view(staff('support')).why).toBe('需要财务或店主权限，您可以请有权限的同事处理。')
    expect(view().why).toBe('')
  })

  test('shows every number of WeChat Pay to copy, the latest first', () => {
    const first = aTransfer('closed', { outRefundNo: 'R-1' })
    const second = aTransfer('processing', { outRefundNo: 'R-2', wxRefundId: '503' })
    const moving = aRefund({ status: 'refunding', transfer: second, transfers: [first, second] })
    const { transfers } = staffRefundView(
      { refund: moving, order },
      { me: FINANCE, pictures: noPictures, nowMs: NOW_MS },
    )
    expect(transfers.map(({ key }) => key)).toEqual(['R-2', 'R-1'])
    expect(transfers[0]?.facts).toContainEqual({ label: '微信退款单号', value: '503', copyable: true })
  })
})

describe('the sheet before a decision', () => {
  const order = aPaidOrder()
  const sheetOf = (action: StaffAction, refund: Refund) => decisionSheet(action, order, refund)

  test('restates order, person and amount, and what will happen to the money', () => {
    const sheet = sheetOf('approve', aRefund())
    expect(sheet.rows).toEqual([
      { label: '订单', value: 'O20261122A', strong: false },
      { label: '买家', value: '林小满 · oShopper1', strong: false },
      { label: '退款金额', value: '¥68.00', strong: true },
    ])
    expect(sheet).toMatchObject({
      confirm: '确认退款 ¥68.00',
      warning: '确认后款项将原路退回买家，不能撤回。',
      amountFen: 6800,
    })
  })

  test('a return says that money waits for the goods; the second approver is told so', () => {
    expect(sheetOf('approve', aRefund({ kind: 'returnAndRefund' })).warning).toContain(
      '确认收到退货后才会退款',
    )
    const half = aRefund({ approvals: [{ by: 'oA', at: '2026-11-22T12:30:00.000Z' }] })
    expect(sheetOf('approve', half).warning).toContain('您是第二位审批人')
  })

  test('the same number after a refusal, a new one after a queried close', () => {
    expect(sheetOf('resubmit', aProblem('failed')).warning).toContain('原来的退款单号')
    expect(sheetOf('resubmit', aProblem('closed')).warning).toContain('新的退款单号')
  })

  test.each([
    ['toMerchantCard', '买家不会自动收到'],
    ['offline', '系统不会再退款'],
    ['abandon', '买家不会收到这笔钱'],
    ['receive', '立即原路退回买家'],
  ] as const)('%s says where the money goes', (action, words) => {
    expect(sheetOf(action, aProblem('abnormal')).warning).toContain(words)
  })

  const input = (text: string) => ({ text, card: NO_CARD })

  test.each([
    ['reject', '请填写拒绝原因，让买家知道为什么。', 200],
    ['offline', '请填写线下退款的凭证。', 500],
    ['abandon', '请填写放弃的原因。', 200],
  ] as const)('%s needs its text', (action, problem, most) => {
    const sheet = sheetOf(action, aProblem('closed'))
    expect(decisionProblem(sheet, input('  '))).toBe(problem)
    expect(decisionProblem(sheet, input('好'))).toBeNull()
    expect(sheet.field?.most).toBe(most)
  })

  test('approving needs no note, and the quick reasons fit', () => {
    expect(decisionProblem(sheetOf('approve', aRefund()), input(''))).toBeNull()
    const { field } = sheetOf('reject', aRefund())
    expect(field?.chips.length).toBeGreaterThan(2)
    for (const chip of field?.chips ?? []) expect([...chip].length).toBeLessThanOrEqual(200)
  })

  test('a bank card is checked, read back, and sent as WeChat Pay names it', () => {
    const sheet = sheetOf('toUserCard', aProblem('abnormal'))
    const card = { bank: 6, account: '6214 8300 1234 5678', name: ' 林小满 ' }
    expect(decisionProblem(sheet, { text: '', card: { ...card, bank: -1 } })).toBe('请选择开户银行。')
    expect(decisionProblem(sheet, { text: '', card: { ...card, account: '6214' } })).toBe(
      '请填写正确的银行卡号，8 到 32 位数字。',
    )
    expect(decisionProblem(sheet, { text: '', card: { ...card, name: ' ' } })).toBe(
      '请填写持卡人姓名，最多 60 个字。',
    )
    expect(decisionProblem(sheet, { text: '', card })).toBeNull()
    expect(lastQuestion(sheet, { text: '', card })?.content).toBe(
      '¥68.00 将退到 林小满 的招商银行卡，尾号 5678。提交后不能更改。',
    )
    expect(userCardBody(card)).toEqual({
      to: 'userBankCard',
      bankType: 'CMB_DEBIT',
      bankAccount: '6214830012345678',
      realName: '林小满',
    })
    expect(lastQuestion(sheetOf('approve', aRefund()), { text: '', card })).toBeNull()
  })

  test('every bank is named as the contract wants it', () => {
    for (const { bankType } of staffBanks) expect(bankType).toMatch(/^[A-Z0-9_]{1,16}$/)
  })

  test('deciding and paying are told apart', () => {
    const approvals = [{ by: 'oA', at: '2026-11-22T12:30:00.000Z' }]
    expect(decisionOutcome(aRefund({ approvals }))).toBe('已记录您的同意，待第二人审批')
    expect(decisionOutcome(aRefund({ status: 'awaitingReturn' }))).toBe('已同意，等待买家退货')
    expect(decisionOutcome(aMovingRefund('unknown'))).toBe('已提交，款项正在退回')
    expect(decisionOutcome(aMovingRefund('succeeded', { status: 'refunded' }))).toBe('款项已退回买家')
    expect(decisionOutcome(aProblem('failed'))).toBe('退款遇到问题，请看处理办法')
    expect(decisionOutcome(aProblem('processing'))).toBe('已提交，请线下退给买家后登记')
  })
})

describe('a refused call', () => {
  test('the four refusals of a decision say what happened and what to do', () => {
    expect(decisionFailureText(failure('AMOUNT_CHANGED'))).toContain('没有生效')
    expect(decisionFailureText(failure('SECOND_APPROVER_MUST_DIFFER'))).toContain('另一位同事')
    expect(decisionFailureText(failure('OWN_REQUEST'))).toContain('请交给其他同事')
    expect(decisionFailureText(failure('REFUND_ALREADY_DECIDED'))).toContain('已经有了结果')
  })

  test('silence after a decision may mean that it was taken', () => {
    expect(decisionFailureText(failure('NO_ANSWER'))).toContain('可能已经生效')
    expect(decisionFailureText(failure('NOT_UNDERSTOOD'))).toContain('可能已经生效')
    expect(staffFailureText(failure('NO_ANSWER'))).toBe('网络不太顺畅，请检查网络后再试。')
  })

  test('without a role the page says so kindly and leads back', () => {
    expect(failedPlaceholder(failure('NOT_ALLOWED'), { title: '', hint: '' })).toMatchObject({
      state: 'empty',
      title: '这里是店员的工作台',
      action: '返回我的',
    })
    expect(failedPlaceholder(failure('UNAVAILABLE'), { title: '', hint: '' }).state).toBe('failed')
  })
})

describe('the approval list', () => {
  test('its tabs, undecided ones first', () => {
    expect(staffRefundTabs.map(({ label }) => label)).toEqual([
      '待审核',
      '待退货',
      '待收货',
      '退款中',
      '有问题',
      '已完成',
      '全部',
    ])
    expect(isStaffRefundsTab('problem')).toBe(true)
    expect(isStaffRefundsTab('withdrawn')).toBe(false)
  })

  test('a tab asks for its status, a search for its number', () => {
    expect(refundsQuery('requested', '')).toEqual({ status: 'requested' })
    expect(refundsQuery('all', 'O1')).toEqual({ q: 'O1' })
    expect(searchText(`  ${'4'.repeat(80)} `)).toBe('4'.repeat(64))
    expect(belongsTo(aRefund({ status: 'rejected' }), 'requested')).toBe(false)
    expect(belongsTo(aRefund({ status: 'rejected' }), 'all')).toBe(true)
  })

  test('a card says how long, how much, what and why; only what may be approved can be chosen', () => {
    const look = { me: FINANCE, nowMs: NOW_MS, chosen: [] }
    expect(staffRefundCardView(aRefund(), look)).toEqual({
      refundId: 'O20261122A-r1',
      orderText: '订单 O20261122A',
      statusText: '待审核',
      tone: 'waiting',
      waiting: '已等待 3 小时',
      late: false,
      amountFen: 6800,
      kind: '仅退款',
      reason: '不想要了',
      when: '2026-11-22 20:10',
      choosable: true,
      chosen: false,
    })
    expect(staffRefundCardView(aRefund(), { ...look, me: staff('support') }).choosable).toBe(false)
    expect(staffRefundCardView(aRefund(), { ...look, me: staff('owner', 'oShopper1') }).choosable).toBe(false)
    expect(staffRefundCardView(aMovingRefund('processing'), look).choosable).toBe(false)
  })
})

describe('several at once', () => {
  const three = ['a', 'b', 'c'].map((refundId, i) => aRefund({ refundId, amountFen: 1999 + i }))

  test('are counted and summed in fen', () => {
    expect(batchView(three)).toEqual({ count: 3, totalFen: 6000, text: '已选 3 笔' })
    expect(batchSheet(three)).toMatchObject({
      rows: [
        { label: '笔数', value: '3 笔' },
        { label: '合计金额', value: '¥60.00' },
      ],
      confirm: '同意 3 笔，共 ¥60.00',
    })
  })

  test('a tap chooses, a second one lets go, and no more than a page fits', () => {
    expect(toggled([], 'a')).toEqual(['a'])
    expect(toggled(['a', 'b'], 'a')).toEqual(['b'])
    const full = Array.from({ length: MOST_AT_ONCE }, (_, i) => String(i))
    expect(toggled(full, 'one more')).toBeNull()
    expect(toggled(full, '0')).toHaveLength(MOST_AT_ONCE - 1)
  })

  test('each has its own result, and a refusal is counted', () => {
    const [a, b] = three.map(waitingLine)
    if (a === undefined || b === undefined) throw new Error('two lines')
    const done = doneLine(a, aMovingRefund('processing'))
    const failed = failedLine(b, failure('REFUND_ALREADY_DECIDED'))
    expect(done).toMatchObject({ state: 'done', text: '已提交，款项正在退回' })
    expect(failed.state).toBe('failed')
    expect(doneLine(a, aProblem('failed', 'NOT_ENOUGH')).state).toBe('failed')
    expect(batchSummary([done, b])).toBe('正在处理 2/2，请不要离开')
    expect(batchSummary([done, failed])).toBe('1 笔已处理，1 笔未完成，请逐笔查看')
    expect(batchSummary([done, done])).toBe('2 笔都已处理')
  })
})

describe('what needs a person', () => {
  const anItem = (change: object = {}) => ({
    id: 'refundFailed-R1',
    kind: 'refundFailed' as const,
    orderId: 'O1',
    refundId: 'O1-r1',
    since: '2026-11-22T12:10:00.000Z',
    summary: 'refund R1 of 6800 fen: refundFailed',
    ...change,
  })

  test.each(ATTENTION_KINDS)('%s is said in plain words, with a way out', (kind) => {
    expect(staffAttentionKindCopy[kind].title).toMatch(/[一-鿿]{4}/)
    expect(staffAttentionKindCopy[kind].way).toMatch(/。$/)
    const money = kind === 'amountMismatch' || kind === 'payerMismatch'
    expect(resolveActions(kind)).toEqual(money ? ['refund', 'accept'] : ['note'])
  })

  test('the server’s own note is shown only where nothing else says what it is about', () => {
    expect(attentionCardView(anItem(), FINANCE, NOW_MS)).toMatchObject({ record: '', refundId: 'O1-r1' })
    const stray = {
      id: 'x',
      kind: 'unknownTrade' as const,
      since: anItem().since,
      summary: 'trade T9, 1 fen',
    }
    expect(attentionCardView(stray, FINANCE, NOW_MS)).toMatchObject({
      record: 'trade T9, 1 fen',
      orderId: '',
    })
  })

  const wrongMoney = (change: object = {}) =>
    anItem({ kind: 'amountMismatch', orderFen: 4500, paidFen: 4000, currency: 'CNY', ...change })

  test('nobody decides about money without reading what was asked for, what came, and the difference', () => {
    const money = '应付 ¥45.00，实收 ¥40.00，差额 少付 ¥5.00'
    expect(attentionCardView(wrongMoney(), FINANCE, NOW_MS).money).toBe(money)
    expect(resolveSheet(wrongMoney(), 'accept').rows.slice(0, 3)).toEqual([
      { label: '应付', value: '¥45.00', strong: false },
      { label: '实收', value: '¥40.00', strong: true },
      { label: '差额', value: '少付 ¥5.00', strong: true },
    ])
    expect(attentionCardView(anItem(), FINANCE, NOW_MS).money).toBe('')
  })

  test.each([
    ['too much', { paidFen: 5000 }, '应付 ¥45.00，实收 ¥50.00，差额 多付 ¥5.00'],
    ['another currency', { currency: 'USD' }, '应付 ¥45.00，实收 USD 40.00'],
    ['another payer', { kind: 'payerMismatch', paidFen: 4500 }, '应付 ¥45.00，实收 ¥45.00'],
    ['paid twice', { kind: 'duplicatePayment', paidFen: 4500 }, '实收 ¥45.00'],
  ])('of money that came in wrong, %s reads as it is', (_, change, money) => {
    expect(attentionCardView(wrongMoney(change), FINANCE, NOW_MS).money).toBe(money)
  })

  test('support sees it and is told who may resolve it', () => {
    expect(attentionCardView(anItem(), staff('support'), NOW_MS).why).toContain('需要财务或店主权限')
    expect(attentionCardView(anItem(), FINANCE, NOW_MS).why).toBe('')
  })

  test('accepting and sending back are actions, a note alone is none', () => {
    expect(resolveBody('note', ' 已核对 ')).toEqual({ note: '已核对' })
    expect(resolveBody('accept', '核对过')).toEqual({ note: '核对过', action: 'accept' })
    expect(resolveBody('refund', '核对过')).toEqual({ note: '核对过', action: 'refund' })
    const item = anItem({ kind: 'amountMismatch' })
    expect(resolveSheet(item, 'accept').warning).toContain('算作订单的付款')
    expect(resolveSheet(item, 'refund')).toMatchObject({ danger: true, confirm: '确认退回' })
  })
})

describe('orders', () => {
  const partly = aPaidOrder({ refundedFen: 3600, refundableFen: 3200 })

  test('a card says who, what, how much, and what went back', () => {
    expect(staffOrderCardView({ ...partly, attention: ['refundFailed', 'refundFailed'] })).toMatchObject({
      who: '林小满',
      goods: '云南小粒咖啡豆 250 克 ×2',
      pieces: '共 2 件',
      moneyText: '已退 ¥36.00 · 退款中 ¥68.00',
      notices: ['退款被微信支付拒绝'],
    })
    expect(staffOrderCardView(anOrder()).moneyText).toBe('')
    expect(ordersQuery('paid', '')).toEqual({ status: 'paid' })
    expect(ordersQuery('all', '42')).toEqual({ q: '42' })
  })

  test('an order whose money all went back is never called one that waits to be shipped', () => {
    const whole = aPaidOrder({ refundedFen: 13600, refundableFen: 0 })
    const shown = { statusText: '已全额退款', tone: 'quiet' }
    expect(staffOrderCardView(whole)).toMatchObject(shown)
    expect(staffOrderView(whole, { me: FINANCE, pictures: noPictures, nowMs: NOW_MS })).toMatchObject(shown)
    expect(staffOrderCardView(partly)).toMatchObject({ statusText: '待发货', tone: 'waiting' })
  })

  const buttonOf = (order = partly, me = FINANCE) =>
    staffOrderView(order, { me, pictures: noPictures, nowMs: NOW_MS }).refundButton

  test('only finance refunds without a request, and only what is left', () => {
    expect(buttonOf()).toEqual({ shown: true, why: '' })
    expect(buttonOf(partly, staff('support')).why).toContain('需要财务或店主权限')
    expect(buttonOf(aPaidOrder({ refundedFen: 13600, refundableFen: 0 })).why).toBe('没有可退的金额。')
    expect(buttonOf(anOrder()).shown).toBe(false)
  })

  test('the amount is read by its digits and never above what is left', () => {
    const read = (amount: string, reason = '缺货') => readForm(partly, { amount, reason })
    expect(read('0.07')).toEqual({ kind: 'ready', amountFen: 7, reason: '缺货' })
    expect(read('32')).toMatchObject({ amountFen: 3200 })
    expect(read('32.01')).toEqual({ kind: 'problem', problem: '最多可退 ¥32.00，请调整金额。' })
    for (const amount of ['', '0', '0.00', '-1', '1.005', '1e2', 'abc'])
      expect(read(amount)).toEqual({ kind: 'problem', problem: '请填写金额，例如 12.50。' })
    expect(read('1', ' ')).toMatchObject({ kind: 'problem' })
    expect(read('1', '长'.repeat(81))).toMatchObject({ kind: 'problem' })
  })

  test('the last question names order, person and amount', () => {
    expect(refundQuestion(partly, 1250).content).toBe(
      '订单 O20261122A，林小满，退款 ¥12.50。款项将原路退回，不能撤回。',
    )
  })
})

describe('the desk', () => {
  test('is there for staff alone', () => {
    expect(deskView([], null).shown).toBe(false)
    expect(deskView(['support'], null)).toMatchObject({ shown: true, role: '客服' })
  })

  test('the catalogue is for all staff, the people for the owner alone', () => {
    const pages = (role: Role) => deskView([role], null).links.map(({ text }) => text)
    const all = ['退款审批', '需要处理', '店铺订单', '商品管理']
    expect(pages('support')).toEqual(all)
    expect(pages('finance')).toEqual(all)
    expect(pages('owner')).toEqual([...all, '店员管理'])
  })

  test('badges tell what waits, and nothing while nothing is known', () => {
    const badges = (view: ReturnType<typeof deskView>) => view.links.map(({ badge }) => badge)
    expect(badges(deskView(['owner'], { requests: '20+', attention: '3' }))).toEqual(['20+', '3', '', '', ''])
    expect(badges(deskView(['owner'], null))).toEqual(['', '', '', '', ''])
    expect(deskView(['owner'], { requests: '2', attention: '' }).links[0]?.label).toBe('退款审批，2 条待办')
  })
})
