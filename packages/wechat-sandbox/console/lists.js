/** @module The lists of the page, one a tab. */
import { act } from './actions.js'
import { button, empty, h, panel, slot, tag } from './dom.js'
import { fenOf, time, yuan } from './format.js'
import { keep } from './keep.js'
import { drawTable } from './table.js'

/** @import { BriefEntry, BriefNotification, BriefRequest, ConsoleState } from '../src/control/console-view.ts' */
/** @import { Choice, Row } from './table.js' */

/** @typedef {(host: Element, state: ConsoleState, choice: Choice, isSearch: boolean) => void} DrawList */

/**
 * @param {Element} host
 * @param {boolean} isSearch
 * @param {string} title
 * @param {string} hint
 */
function drawEmpty(host, isSearch, title, hint) {
  const shown = isSearch ? ['没有符合的 Nothing matches', '换一个词，或取消“只看出错的”'] : [title, hint]
  keep(host, [{ id: 'empty', of: shown, draw: () => empty(shown[0] ?? '', shown[1] ?? '') }])
}

/** @type {DrawList} */
export function drawTrades(host, state, choice, isSearch) {
  if (state.trades.length === 0) {
    const hint = '用任何 SDK 调用 /v3/pay/transactions/jsapi 或 /pay/unifiedorder'
    return drawEmpty(host, isSearch, '还没有订单 No orders yet', hint)
  }
  drawTable(
    host,
    [
      { head: '时间', kind: 'when code' },
      { head: '商户订单号 out_trade_no', kind: 'key code' },
      { head: '商品', kind: 'text less' },
      { head: '金额', kind: 'number' },
      { head: '状态', kind: 'state' },
      { head: '协议', kind: 'less' },
      { head: '用户', kind: 'text less' },
    ],
    state.trades.map((trade) => ({
      id: trade.outTradeNo,
      of: trade,
      cells: () => [
        time(trade.createdAt),
        trade.outTradeNo,
        trade.description,
        yuan(trade.amountFen),
        h(
          'span',
          {},
          tag(trade.state),
          trade.oddity && h('span', { class: 'tag bad' }, oddityWord(trade.oddity)),
        ),
        trade.protocol,
        trade.openid,
      ],
    })),
    choice,
  )
}

/** @param {string} oddity */
const oddityWord = (oddity) => (oddity === 'twice' ? '付了两次' : '实付不符')

/** @type {DrawList} */
export function drawRefunds(host, state, choice, isSearch) {
  if (state.refunds.length === 0) {
    const hint = '支付后调用 /v3/refund/domestic/refunds 或 /secapi/pay/refund'
    return drawEmpty(host, isSearch, '还没有退款 No refunds yet', hint)
  }
  drawTable(
    host,
    [
      { head: '时间', kind: 'when code' },
      { head: '商户退款单号 out_refund_no', kind: 'key code' },
      { head: '商户订单号', kind: 'code less' },
      { head: '金额', kind: 'number' },
      { head: '状态', kind: 'state' },
      { head: '来源', kind: 'less' },
      { head: '自动完成', kind: 'code less' },
    ],
    state.refunds.map((refund) => ({
      id: refund.outRefundNo,
      of: refund,
      cells: () => [
        time(refund.createdAt),
        refund.outRefundNo,
        refund.outTradeNo,
        yuan(refund.refundFen),
        h('span', {}, tag(refund.state), !refund.isFunded && h('span', { class: 'tag bad' }, '没有资金')),
        refund.source === 'API' ? refund.protocol : '商户平台',
        time(refund.dueAt),
      ],
    })),
    choice,
  )
}

/** @type {DrawList} */
export function drawRequests(host, state, choice, isSearch) {
  if (state.requests.length === 0)
    return drawEmpty(host, isSearch, '还没有请求 No requests yet', '每个请求都会列在这里，签名错误会说明原因')
  drawTable(host, REQUEST_COLUMNS, requestRows(state.requests), choice)
}

const REQUEST_COLUMNS = [
  { head: '时间', kind: 'when code' },
  { head: '请求', kind: 'key code text' },
  { head: '结果', kind: 'state' },
  { head: '关于', kind: 'code number' },
  { head: '故障', kind: 'less' },
  { head: '耗时', kind: 'number less' },
]

/** @param {readonly BriefRequest[]} requests @returns {Row[]} */
export function requestRows(requests) {
  return requests.map((request) => ({
    id: request.id,
    of: request,
    cells: () => [
      time(request.at),
      `${request.method} ${request.path}`,
      outcome(request),
      request.about ?? '',
      request.fault === null ? '' : h('span', { class: 'tag wait' }, request.fault),
      `${request.tookMs} ms`,
    ],
  }))
}

/** @param {BriefRequest} request */
export function outcome({ status, code }) {
  const isGood = status !== null && code === null && status < 400
  const word = status === null ? '连接中断' : `${status}${code === null ? '' : ` ${code}`}`
  return h('span', { class: `tag ${isGood ? 'good' : 'bad'}` }, word)
}

/** @type {DrawList} */
export function drawNotifications(host, state, choice, isSearch) {
  if (state.notifications.length === 0) {
    const hint = '支付和退款的结果会发到各自的 notify_url'
    return drawEmpty(host, isSearch, '还没有通知 No notifications yet', hint)
  }
  drawTable(
    host,
    [
      { head: '时间', kind: 'when code' },
      { head: '关于', kind: 'key code' },
      { head: '类型', kind: 'less' },
      { head: '状态', kind: 'state' },
      { head: '次数', kind: 'number less' },
      { head: '最近应答', kind: 'text number' },
      { head: '下次发送', kind: 'code less' },
      { head: '地址', kind: 'text less' },
    ],
    state.notifications.map((notice) => ({
      id: notice.id,
      of: notice,
      cells: () => [
        time(notice.createdAt),
        notice.about,
        kindWord(notice),
        tag(notice.status),
        notice.attempts,
        notice.lastAnswer ?? '—',
        time(notice.nextAttemptAt),
        notice.url,
      ],
    })),
    choice,
  )
}

/** @param {Pick<BriefNotification, 'kind' | 'protocol'>} notice */
export const kindWord = ({ kind, protocol }) => `${kind === 'payment' ? '支付' : '退款'} ${protocol}`

/** @type {DrawList} */
export function drawLedger(host, state, _choice, isSearch) {
  keep(host, [
    { id: 'balances', of: 0, draw: () => tablePanel('账户余额', 'balances') },
    { id: 'funds', of: 0, draw: fundsForm },
    {
      id: 'entries',
      of: 0,
      draw: () => tablePanel('分录', 'entries, newest first; every cause sums to zero'),
    },
  ])
  const [balances, , entries] = [...host.children].map((one) => one.querySelector('.rows'))
  if (!balances || !entries) return
  if (state.balances.length === 0 && state.counts.entries === 0) {
    drawEmpty(balances, false, '账本是空的 The books are empty', '第一笔支付会记下第一组分录')
    keep(entries, [])
    return
  }
  const isPayers = (/** @type {{ account: string }} */ { account }) => account.startsWith('payer:')
  keep(balances, [
    { id: 'own', of: 0, draw: () => slot('own') },
    { id: 'payers', of: 0, draw: payersFold },
  ])
  const [own, payers] = balances.children
  const wallets = state.balances.filter(isPayers)
  if (own) drawTable(own, BALANCE_COLUMNS, balanceRows(state.balances.filter((one) => !isPayers(one))))
  if (payers instanceof HTMLElement) payers.hidden = wallets.length === 0
  const inside = payers?.querySelector('.wallets')
  if (inside) drawTable(inside, BALANCE_COLUMNS, balanceRows(wallets))
  const more = state.accounts - state.balances.length
  const rest = balances.parentElement?.querySelector('.rest')
  if (rest)
    rest.textContent = `${more > 0 ? `另有 ${more} 个用户账户没有列出。` : ''}合计 ${yuan(state.money.sumFen)}`
  if (state.entries.length === 0) drawEmpty(entries, isSearch, '没有分录 No entries', '')
  else drawTable(entries, ENTRY_COLUMNS, entryRows(state.entries))
}

const BALANCE_COLUMNS = [
  { head: '账户', kind: 'key code' },
  { head: '余额', kind: 'number' },
]

/** @param {ConsoleState['balances']} balances @returns {Row[]} */
function balanceRows(balances) {
  return balances.map(({ account, fen }) => ({
    id: account,
    of: fen,
    cells: () => [account, yuan(fen)],
  }))
}

/** Folded: a thousand wallets must not push the entries off the screen. */
function payersFold() {
  return h('details', { class: 'payers' }, h('summary', {}, '用户钱包 wallets'), slot('wallets'))
}

export const ENTRY_COLUMNS = [
  { head: '#', kind: 'less' },
  { head: '时间', kind: 'when code' },
  { head: '原因', kind: 'key code' },
  { head: '账户', kind: 'state code' },
  { head: '金额', kind: 'number' },
]

/** @param {readonly BriefEntry[]} entries @returns {Row[]} */
export function entryRows(entries) {
  return entries.map((entry) => ({
    id: String(entry.seq),
    of: entry,
    cells: () => [entry.seq, time(entry.at), entry.cause, entry.account, yuan(entry.fen)],
  }))
}

/** One of several tables of a tab. @param {string} title @param {string} english */
const tablePanel = (title, english) => panel(title, english, slot('rows'), h('p', { class: 'rest' }))

/** Money in and out of the merchant's available balance: a refund that wants funds waits for it. */
function fundsForm() {
  const input = h('input', { inputmode: 'decimal', placeholder: '100.00' })
  const complaint = h('p', { class: 'complaint', role: 'alert' })
  /** @param {1 | -1} sign */
  const move = (sign) => {
    const fen = fenOf(input.value)
    const isAmount = fen !== undefined && fen !== 0
    complaint.textContent = isAmount ? '' : '金额要写成元，例如 100.00'
    return isAmount ? act('POST', '/balance', { amountFen: sign * fen }) : undefined
  }
  return panel(
    '商户可用余额',
    'top up, withdraw',
    h(
      'div',
      { class: 'row' },
      h('label', { class: 'inline' }, '金额（元）', input),
      button('充值 top up', () => move(1)),
      button('提现 withdraw', () => move(-1)),
    ),
    complaint,
  )
}

/** @type {DrawList} */
export function drawPlatform(host, state) {
  if (state.messages.length === 0 && state.shipments.length === 0) {
    const hint = 'subscribe/send 与 upload_shipping_info'
    return drawEmpty(host, false, '还没有订阅消息和发货 No messages or shipments yet', hint)
  }
  keep(host, [
    { id: 'messages', of: 0, draw: () => tablePanel('订阅消息', 'subscribe messages') },
    { id: 'shipments', of: 0, draw: () => tablePanel('发货', 'shipping') },
  ])
  const [messages, shipments] = [...host.children].map((one) => one.querySelector('.rows'))
  if (!messages || !shipments) return
  drawTable(
    messages,
    [
      { head: '时间', kind: 'when code' },
      { head: '用户', kind: 'key text' },
      { head: '模板', kind: 'state text' },
      { head: '内容', kind: 'text number' },
      { head: '页面', kind: 'text less' },
    ],
    state.messages.map((message) => ({
      id: String(message.msgid),
      of: message,
      cells: () => [
        time(message.sentAt),
        message.openid,
        message.templateId,
        Object.entries(message.data)
          .map(([name, value]) => `${name}: ${value}`)
          .join(', '),
        message.page,
      ],
    })),
  )
  drawTable(
    shipments,
    [
      { head: '商户订单号', kind: 'key code' },
      { head: '状态', kind: 'state' },
      { head: '包裹', kind: 'text when' },
      { head: '商品', kind: 'text number' },
    ],
    state.shipments.map((shipment, index) => ({
      id: `${shipment.outTradeNo} ${state.shipments.length - index}`,
      of: shipment,
      cells: () => [
        shipment.outTradeNo,
        shipment.isFinished ? '已发完' : '部分发货',
        shipment.parcels.map((parcel) => `${parcel.expressCompany} ${parcel.trackingNo}`).join(', '),
        shipment.parcels.map((parcel) => parcel.itemDesc).join(', '),
      ],
    })),
  )
}
