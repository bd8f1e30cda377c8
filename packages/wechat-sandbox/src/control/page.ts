/**
 * @module A read-only page of what the sandbox knows: trades, refunds, books, notifications, messages, shipments, faults. No keys, no scripts.
 */
import type { Core } from '../core.ts'
import { userReceivedAccount } from '../refunds/receiver.ts'
import { stateOf } from '../trades.ts'

const ROWS = 50

/** The whole page; it reloads itself every three seconds. */
export function renderPage(core: Core): string {
  const { store, clock, identity, faults } = core
  const now = clock.now()
  const offsetHours = (clock.offsetMs() / 3_600_000).toFixed(1)
  const trades = newest(store.all('trade'), store.size('trade')).map((trade) => [
    time(trade.createdAt),
    trade.outTradeNo,
    trade.protocol,
    trade.description,
    yuan(trade.amountFen),
    stateOf(store, trade, now),
    trade.transactionIds.join(' '),
  ])
  const refunds = newest(store.all('refund'), store.size('refund')).map((refund) => [
    time(refund.createdAt),
    refund.outRefundNo,
    refund.outTradeNo,
    refund.source === 'API' ? refund.protocol : 'merchant platform',
    yuan(refund.refundFen),
    refund.state,
    refund.funding === null && refund.state === 'PROCESSING' ? 'no balance' : userReceivedAccount(refund),
    refund.finishedAt === null ? '' : time(refund.finishedAt),
  ])
  const messages = newest(store.all('message'), store.size('message')).map((message) => [
    time(message.sentAt),
    message.openid,
    message.templateId,
    Object.entries(message.data)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', '),
    message.page ?? '',
  ])
  const shipments = newest(store.all('shipment'), store.size('shipment')).map((shipment) => [
    shipment.outTradeNo,
    shipment.isFinished ? `shipped (${shipment.finishCount})` : 'in parts',
    shipment.parcels.map(({ expressCompany, trackingNo }) => `${expressCompany} ${trackingNo}`).join(', '),
    shipment.parcels.map(({ itemDesc }) => itemDesc).join(', '),
    shipment.finishedAt === null ? '' : time(shipment.finishedAt),
  ])
  const notifications = newest(store.all('notification'), store.size('notification')).map((notification) => {
    const answer = notification.attempts.at(-1)?.answer
    return [
      time(notification.createdAt),
      notification.outRefundNo ?? notification.outTradeNo,
      notification.status,
      String(notification.attempts.length),
      answer === undefined ? '' : 'error' in answer ? answer.error : `HTTP ${answer.status}`,
      notification.nextAttemptAt === null ? '' : time(notification.nextAttemptAt),
      notification.url,
    ]
  })
  const entries = newest(store.all('entry'), store.size('entry')).map((entry) => [
    String(entry.seq),
    time(entry.at),
    entry.cause,
    entry.account,
    yuan(entry.fen),
    entry.outTradeNo ?? '',
  ])
  const balances = [...store.balances.all()].slice(0, ROWS).map(([account, fen]) => [account, yuan(fen)])
  const faultRows = faults
    .list()
    .slice(-ROWS)
    .map((fault) => [
      fault.id,
      fault.fault,
      JSON.stringify(fault.match),
      fault.times === null ? 'standing' : String(fault.times),
      String(fault.struck),
    ])
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>wechat-sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<style>
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#191919}
h1{font-size:1.3rem}h2{font-size:1rem;margin:2rem 0 .5rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e5e5e5;white-space:nowrap}
th{color:#666;font-weight:500}.none{color:#666}
</style></head><body>
<h1>wechat-sandbox: a local WeChat Pay</h1>
<p>Merchant ${escapeHtml(identity.mchid)}, mini-program ${escapeHtml(identity.appid)}. Virtual time ${escapeHtml(time(now))} UTC (${escapeHtml(offsetHours)} h ahead). The newest ${ROWS} of each; this page only shows.</p>
${table('Trades', ['created', 'out_trade_no', 'protocol', 'description', 'yuan', 'state', 'transaction_id'], trades)}
${table('Refunds', ['created', 'out_refund_no', 'out_trade_no', 'by', 'yuan', 'state', 'to', 'finished'], refunds)}
${table('Notifications', ['made', 'about', 'status', 'sendings', 'last answer', 'next', 'to'], notifications)}
${table('Messages', ['sent', 'openid', 'template', 'data', 'page'], messages)}
${table('Shipments', ['out_trade_no', 'state', 'parcels', 'goods', 'finished'], shipments)}
${table('Balances', ['account', 'yuan'], balances)}
${table('Ledger', ['seq', 'at', 'cause', 'account', 'yuan', 'out_trade_no'], entries)}
${table('Faults', ['id', 'fault', 'match', 'left', 'struck'], faultRows)}
</body></html>
`
}

function newest<T>(records: Iterable<T>, size: number): T[] {
  const kept: T[] = []
  let index = 0
  for (const record of records) {
    if (index++ >= size - ROWS) kept.push(record)
  }
  return kept.reverse()
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const body =
    rows.length === 0
      ? '<p class="none">Nothing yet.</p>'
      : `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th>${escapeHtml(head)}</th>`).join('')}</tr></thead><tbody>${rows
          .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
          .join('')}</tbody></table></div>`
  return `<h2>${escapeHtml(title)}</h2>${body}`
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
