/** @module An order or a refund in full: its state drawn, what was paid, and everything that is about it. */
import { act } from './actions.js'
import { diagram } from './diagrams.js'
import { button, facts, h, tag } from './dom.js'
import { fenOf, time, yuan } from './format.js'
import { ENTRY_COLUMNS, entryRows, kindWord, outcome } from './lists.js'
import { hrefTo } from './route.js'
import { drawTable } from './table.js'

/** @import { RefundDetail, TradeDetail } from '../src/control/console-details.ts' */
/** @import { BriefEntry, BriefNotification, BriefRequest } from '../src/control/console-view.ts' */
/** @import { Part } from './keep.js' */

/** @param {TradeDetail} detail @returns {Part[]} */
export function tradeParts({ trade, refunds, notifications, requests, entries }) {
  const { outTradeNo, state } = trade
  const path = `/orders/${encodeURIComponent(outTradeNo)}`
  return [
    { id: 'head', of: [outTradeNo, state], draw: () => heading(outTradeNo, state) },
    { id: 'diagram', of: state, draw: () => diagram('trade', state) },
    {
      id: 'facts',
      of: trade,
      draw: () =>
        facts([
          ['商品', trade.description],
          ['订单金额', money(trade.amountFen, trade.currency)],
          ['用户 openid', trade.openid],
          ['创建', time(trade.createdAt)],
          ['失效 time_expire', time(trade.expiresAt)],
          ['关闭', time(trade.closedAt)],
          ['协议', `${trade.protocol} · ${trade.signType}`],
          ['附加数据 attach', trade.attach],
          ['通知地址 notify_url', trade.notifyUrl],
        ]),
    },
    ...trade.transactions.map((paid, index) => ({
      id: `paid-${paid.transactionId}`,
      of: paid,
      draw: () => payment(paid, trade, index),
    })),
    {
      id: 'actions',
      of: [state, trade.transactions.length],
      draw: () =>
        h(
          'div',
          { class: 'row' },
          state === 'NOTPAY' && button('代用户支付 pay', () => act('POST', `${path}/pay`, {}), 'main'),
          trade.transactions.length > 0 && refundForm(outTradeNo, trade.amountFen),
          forge({ outTradeNo }),
        ),
    },
    related(
      'refunds',
      `退款 refunds (${refunds.length})`,
      refunds.map(({ outRefundNo, refundFen, state: is, createdAt }) => ({
        href: hrefTo('refunds', outRefundNo),
        cells: [time(createdAt), outRefundNo, yuan(refundFen)],
        state: is,
      })),
    ),
    ...about({ notifications, requests, entries }),
  ]
}

/**
 * @param {TradeDetail['trade']['transactions'][number]} paid
 * @param {TradeDetail['trade']} trade
 * @param {number} index
 */
function payment(paid, trade, index) {
  const isOdd = paid.paidFen !== trade.amountFen || paid.currency !== trade.currency
  const paidMoney = money(paid.paidFen, paid.currency)
  return h(
    'div',
    { class: `payment ${isOdd || index > 0 ? 'odd' : ''}` },
    index > 0 && h('p', { class: 'odd-word' }, `第 ${index + 1} 次支付：同一订单付了多次`),
    isOdd &&
      h(
        'p',
        { class: 'odd-word' },
        `实付与订单金额不符：${paidMoney} ≠ ${money(trade.amountFen, trade.currency)}`,
      ),
    facts([
      ['微信订单号', h('code', {}, paid.transactionId)],
      ['实付', paidMoney],
      ['支付', `${time(paid.paidAt)} · ${paid.bankType}`],
    ]),
  )
}

/** @param {number} fen @param {string} currency */
const money = (fen, currency) =>
  currency === 'CNY' ? yuan(fen) : `${yuan(fen).replace('¥', '')} ${currency}`

/** A refund as somebody makes it in the merchant platform. @param {string} outTradeNo @param {number} amountFen */
function refundForm(outTradeNo, amountFen) {
  const yuanNow = (amountFen / 100).toFixed(2)
  const input = h('input', { inputmode: 'decimal', value: yuanNow, 'aria-label': '退款金额（元）' })
  const complaint = h('span', { class: 'complaint', role: 'alert' })
  const refund = () => {
    const fen = fenOf(input.value)
    complaint.textContent = fen === undefined ? '金额要写成元，例如 9.90' : ''
    return fen === undefined ? undefined : act('POST', '/refunds', { outTradeNo, amountFen: fen })
  }
  return h('span', { class: 'inline-form' }, input, button('商户平台退款 refund', refund), complaint)
}

/** Messages of a stranger, which the merchant's server must refuse. @param {{ outTradeNo: string } | { outRefundNo: string }} about */
function forge(about) {
  /** @param {string} label @param {string} fault */
  const one = (label, fault) =>
    button(label, () => act('POST', '/notifications/forge', { ...about, fault }), 'small')
  return h(
    'span',
    { class: 'inline-form' },
    '伪造通知 forge:',
    one('签名不对', 'forged-notification'),
    one('没有签名', 'unsigned-notification'),
    one('探测 probe', 'probe'),
  )
}

/** @param {RefundDetail} detail @returns {Part[]} */
export function refundParts({ refund, notifications, requests, entries }) {
  const { outRefundNo, outTradeNo, state } = refund
  return [
    { id: 'head', of: [outRefundNo, state], draw: () => heading(outRefundNo, state) },
    { id: 'diagram', of: state, draw: () => diagram('refund', state) },
    {
      id: 'facts',
      of: refund,
      draw: () =>
        facts([
          ['商户订单号', h('a', { href: hrefTo('trades', outTradeNo) }, outTradeNo)],
          ['微信退款单号', h('code', {}, refund.refundId)],
          ['微信订单号', h('code', {}, refund.transactionId)],
          ['退款 / 订单', `${yuan(refund.refundFen)} / ${yuan(refund.totalFen)}`],
          ['原因', refund.reason],
          ['入账账户', refund.receivedAccount],
          ['资金', refund.isFunded ? '已冻结 funded' : '商户余额不足 not funded：充值后继续，七天后关闭'],
          ['来源', refund.source === 'API' ? `API ${refund.protocol}` : '商户平台'],
          ['通知地址 notify_url', refund.notifyUrl],
          ['创建', time(refund.createdAt)],
          ['自动完成', time(refund.dueAt)],
          ['完成', time(refund.finishedAt)],
        ]),
    },
    {
      id: 'actions',
      of: state,
      draw: () => h('div', { class: 'row' }, ...decisions(outRefundNo, state), forge({ outRefundNo })),
    },
    ...about({ notifications, requests, entries }),
  ]
}

/** @param {string} outRefundNo @param {string} state */
function decisions(outRefundNo, state) {
  /** @param {string} status @param {string} label */
  const settle = (status, label) =>
    button(label, () => act('POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status }))
  if (state === 'PROCESSING')
    return ['现在决定：', settle('SUCCESS', '成功'), settle('CLOSED', '关闭'), settle('ABNORMAL', '异常')]
  return state === 'ABNORMAL' ? ['现在决定：', settle('SUCCESS', '成功')] : []
}

/** @param {string} number @param {string} state */
function heading(number, state) {
  return h('h2', {}, number, ' ', tag(state))
}

/**
 * @param {{ notifications: readonly BriefNotification[], requests: readonly BriefRequest[], entries: readonly BriefEntry[] }} all
 * @returns {Part[]}
 */
function about({ notifications, requests, entries }) {
  return [
    related(
      'notifications',
      `通知 notifications (${notifications.length})`,
      notifications.map((notice) => ({
        href: hrefTo('notifications', notice.id),
        cells: [time(notice.createdAt), kindWord(notice), `${notice.attempts} 次`],
        state: notice.status,
      })),
    ),
    related(
      'requests',
      `请求 requests (${requests.length})`,
      requests.map((request) => ({
        href: hrefTo('requests', request.id),
        cells: [time(request.at), `${request.method} ${request.path}`],
        outcome: request,
      })),
    ),
    {
      id: 'entries',
      of: entries,
      draw: () => {
        const rows = h('div', { class: 'rows', tabindex: 0, role: 'group', 'aria-label': '账本' })
        drawTable(rows, ENTRY_COLUMNS, entryRows(entries))
        return h('section', {}, h('h3', {}, `账本 entries (${entries.length})`), entries.length > 0 && rows)
      },
    },
  ]
}

/**
 * @typedef {object} Link
 * @property {string} href
 * @property {readonly string[]} cells
 * @property {string} [state]
 * @property {BriefRequest} [outcome]
 */

/** @param {string} id @param {string} title @param {readonly Link[]} links @returns {Part} */
function related(id, title, links) {
  return {
    id,
    of: links,
    draw: () =>
      h(
        'section',
        {},
        h('h3', {}, title),
        h(
          'ul',
          { class: 'links' },
          links.map(({ href, cells, state, outcome: request }) =>
            h(
              'li',
              {},
              h('a', { href }, cells.join('  ')),
              ' ',
              state !== undefined && tag(state),
              request !== undefined && outcome(request),
            ),
          ),
        ),
      ),
  }
}
