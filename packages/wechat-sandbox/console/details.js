/** @module One thing in full: an order, a refund, a request with its signature, a notification with its attempts. */
import { diagram } from './diagrams.js'
import { button, facts, h, tag } from './dom.js'
import { time, yuan } from './format.js'

export function tradeDetail(trade, state, act) {
  const mine = (list) => list.filter((one) => one.outTradeNo === trade.outTradeNo)
  const entries = mine(state.entries)
  return [
    h('h2', {}, trade.outTradeNo, ' ', tag(trade.state)),
    diagram('trade', trade.state),
    facts([
      ['商品', trade.description],
      ['金额', yuan(trade.amountFen)],
      ['用户 openid', trade.openid],
      ['创建', time(trade.createdAt)],
      ['失效 time_expire', time(trade.expiresAt)],
      ['微信订单号', trade.transactionIds.join(' ') || '—'],
      [
        '退款',
        mine(state.refunds)
          .map((refund) => `${refund.outRefundNo} ${yuan(refund.refundFen)} ${refund.state}`)
          .join('；') || '—',
      ],
    ]),
    h(
      'div',
      { class: 'row' },
      trade.state === 'NOTPAY' &&
        button('代用户支付 pay', () =>
          act('POST', `/orders/${encodeURIComponent(trade.outTradeNo)}/pay`, {}),
        ),
      trade.state === 'SUCCESS' &&
        button('商户平台全额退款 refund', () =>
          act('POST', '/refunds', { outTradeNo: trade.outTradeNo, amountFen: trade.amountFen }),
        ),
    ),
    entries.length > 0 && h('h3', {}, '账本 entries'),
    ...entries.map((entry) => h('p', {}, h('code', {}, `${entry.account} ${yuan(entry.fen)}`))),
  ].filter(Boolean)
}

export function refundDetail(refund, act) {
  const isOpen = refund.state === 'PROCESSING' || refund.state === 'ABNORMAL'
  const settle = (status, label) =>
    button(label, () => act('POST', `/refunds/${encodeURIComponent(refund.outRefundNo)}/settle`, { status }))
  return [
    h('h2', {}, refund.outRefundNo, ' ', tag(refund.state)),
    diagram('refund', refund.state),
    facts([
      ['商户订单号', refund.outTradeNo],
      ['微信退款单号', refund.refundId],
      ['退款 / 订单', `${yuan(refund.refundFen)} / ${yuan(refund.totalFen)}`],
      ['原因', refund.reason],
      ['入账账户', refund.receivedAccount],
      ['资金', refund.isFunded ? '已冻结 funded' : '商户余额不足 not funded'],
      ['完成', time(refund.finishedAt)],
    ]),
    isOpen &&
      h(
        'div',
        { class: 'row' },
        '现在决定：',
        settle('SUCCESS', '成功'),
        refund.state === 'PROCESSING' && settle('CLOSED', '关闭'),
        refund.state === 'PROCESSING' && settle('ABNORMAL', '异常'),
      ),
  ].filter(Boolean)
}

export function requestDetail(request) {
  return [
    h('h2', {}, `${request.method} `, h('code', {}, request.path)),
    facts([
      ['时间', time(request.at)],
      ['应答', request.answer === null ? '连接中断，没有应答' : `HTTP ${request.answer.status}`],
      ['错误码', request.code],
      ['故障', request.fault],
      ['耗时', `${request.tookMs} ms`],
    ]),
    ...signature(request.signature),
    h('h3', {}, '请求头 request headers'),
    headers(request.headers),
    h('h3', {}, request.isCut ? '请求体（只保留前 16 KB）' : '请求体 request body'),
    h('pre', {}, pretty(request.body)),
    request.answer !== null && h('h3', {}, '应答头 response headers'),
    request.answer !== null && headers(request.answer.headers),
    request.answer !== null && h('h3', {}, '应答体 response body'),
    request.answer !== null && h('pre', {}, pretty(request.answer.body)),
  ].filter(Boolean)
}

function signature(diagnosis) {
  if (diagnosis === null) return []
  return [
    h('h3', {}, '签名 signature'),
    h('p', { class: `finding ${diagnosis.ok ? 'good' : ''}` }, diagnosis.finding),
    h('h3', {}, '应签名的字符串 what has to be signed'),
    different(diagnosis.expected, diagnosis.signed ?? diagnosis.expected),
    ...(diagnosis.ok || diagnosis.signed === null
      ? []
      : [h('h3', {}, '实际签名的字符串 what was signed'), different(diagnosis.signed, diagnosis.expected)]),
  ]
}

/** `text` with line feeds made visible and the part that differs from `other` marked. */
function different(text, other) {
  let start = 0
  while (start < Math.min(text.length, other.length) && text[start] === other[start]) start++
  let end = 0
  const room = Math.min(text.length, other.length) - start
  while (end < room && text[text.length - 1 - end] === other[other.length - 1 - end]) end++
  const middle = text.slice(start, text.length - end)
  return h(
    'pre',
    { class: 'signed' },
    ...visible(text.slice(0, start)),
    middle === '' ? null : h('mark', {}, ...visible(middle)),
    ...visible(text.slice(text.length - end)),
  )
}

function visible(text) {
  return text
    .split('\n')
    .flatMap((line, index) => (index === 0 ? [line] : [h('span', { class: 'lf' }, '⏎'), `\n${line}`]))
}

export function notificationDetail(notice, act) {
  const send = (label, path, body) =>
    button(label, () => act('POST', `/notifications/${encodeURIComponent(notice.id)}/${path}`, body))
  return [
    h('h2', {}, notice.outRefundNo ?? notice.outTradeNo, ' ', tag(notice.status)),
    facts([
      ['类型', `${notice.kind === 'payment' ? '支付通知' : '退款通知'} · ${notice.protocol}`],
      ['地址 notify_url', notice.url],
      ['下次发送', time(notice.nextAttemptAt)],
      ['编号', notice.id],
    ]),
    notice.status !== 'forged' &&
      h(
        'div',
        { class: 'row' },
        h(
          'button',
          {
            type: 'button',
            class: 'main',
            onclick: () => act('POST', `/notifications/${encodeURIComponent(notice.id)}/send`, {}),
          },
          notice.attempts.length === 0 ? '立即发送 send now' : '重发 replay',
        ),
        send('篡改签名', 'tamper', { fault: 'wrong-signature' }),
        send('不签名', 'tamper', { fault: 'unsigned' }),
        send('探测 probe', 'tamper', { fault: 'probe' }),
        send('过期时间戳', 'tamper', { fault: 'stale-timestamp' }),
        send('换成别的订单', 'tamper', { fault: 'other-order-body' }),
      ),
    h('h3', {}, '内容（已解密）decrypted'),
    h('pre', {}, JSON.stringify(notice.content, null, 2)),
    h('h3', {}, `发送记录 attempts (${notice.attempts.length})`),
    ...[...notice.attempts].reverse().map(attempt),
  ].filter(Boolean)
}

function attempt(sent, index) {
  const answer =
    'error' in sent.answer
      ? sent.answer.error
      : `HTTP ${sent.answer.status} ${sent.answer.body.slice(0, 200)}`
  return h(
    'details',
    { class: 'attempt', open: index === 0 },
    h(
      'summary',
      {},
      h('code', {}, time(sent.at)),
      ' ',
      h('span', { class: `tag ${sent.ok ? 'good' : 'bad'}` }, sent.ok ? '已确认' : '未确认'),
      sent.fault === null ? '' : ` ${sent.fault}`,
      ` · ${sent.tookMs} ms`,
    ),
    h('p', {}, '应答：', h('code', {}, answer)),
    headers(sent.request.headers),
    h('pre', {}, pretty(sent.request.body)),
  )
}

function headers(map) {
  return h(
    'pre',
    {},
    Object.entries(map)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  )
}

function pretty(text) {
  if (text === '') return '（空 empty）'
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
