/** @module A notification in full: what is inside, every attempt as it went over the wire, and when the next one is due. */
import { act } from './actions.js'
import { block, button, facts, h, tag } from './dom.js'
import { pretty, time } from './format.js'
import { headerLines, verified } from './request-detail.js'
import { hrefTo } from './route.js'

/** @import { NotificationDetail } from '../src/control/console-details.ts' */
/** @import { Part } from './keep.js' */

/** @param {NotificationDetail} notice @returns {Part[]} */
export function notificationParts(notice) {
  const { id, status, attempts, content, outTradeNo, outRefundNo, retries, maxRetries } = notice
  const attemptParts = attempts.map((sent, index) => ({
    id: `attempt-${sent.at}-${index}`,
    of: sent,
    draw: () => attempt(sent, index === attempts.length - 1, content),
  }))
  const next =
    notice.nextAttemptAt === null
      ? '—'
      : `${time(notice.nextAttemptAt)}（第 ${retries + 1} 次，最多 ${maxRetries + 1} 次）`
  return [
    { id: 'head', of: status, draw: () => h('h2', {}, outRefundNo ?? outTradeNo, ' ', tag(status)) },
    {
      id: 'facts',
      of: [notice.nextAttemptAt, retries],
      draw: () =>
        facts([
          ['类型', `${notice.kind === 'payment' ? '支付通知' : '退款通知'} · ${notice.protocol}`],
          ['订单', h('a', { href: hrefTo('trades', outTradeNo) }, outTradeNo)],
          [
            '退款',
            outRefundNo === null ? null : h('a', { href: hrefTo('refunds', outRefundNo) }, outRefundNo),
          ],
          ['地址 notify_url', notice.url],
          ['下次发送', next],
          ['编号', h('code', {}, id)],
        ]),
    },
    {
      id: 'actions',
      of: [status === 'forged', attempts.length === 0],
      draw: () =>
        status === 'forged' ? h('p', {}, '伪造的通知只发送一次。') : sendings(id, attempts.length === 0),
    },
    {
      id: 'content',
      of: content,
      draw: () =>
        h(
          'section',
          {},
          h('h3', {}, '内容（已解密）decrypted'),
          block('内容', JSON.stringify(content, null, 2)),
        ),
    },
    {
      id: 'attempts',
      of: attempts.length,
      draw: () => h('h3', {}, `发送记录 attempts (${attempts.length})`),
    },
    ...attemptParts.reverse(),
  ]
}

/** @param {string} id @param {boolean} isFirst */
function sendings(id, isFirst) {
  const path = `/notifications/${encodeURIComponent(id)}`
  /** @param {string} label @param {string} fault */
  const spoilt = (label, fault) => button(label, () => act('POST', `${path}/tamper`, { fault }))
  return h(
    'div',
    { class: 'row' },
    button(isFirst ? '立即发送 send now' : '重发 replay', () => act('POST', `${path}/send`, {}), 'main'),
    '篡改后再发 tamper:',
    spoilt('篡改签名', 'wrong-signature'),
    spoilt('不签名', 'unsigned'),
    spoilt('探测 probe', 'probe'),
    spoilt('过期时间戳', 'stale-timestamp'),
    spoilt('换成别的订单', 'other-order-body'),
  )
}

/**
 * @param {NotificationDetail['attempts'][number]} sent
 * @param {boolean} isOpen
 * @param {NotificationDetail['content']} content
 */
function attempt(sent, isOpen, content) {
  const { answer, request, decrypted } = sent
  const said = 'error' in answer ? answer.error : `HTTP ${answer.status}`
  const isOther = JSON.stringify(decrypted) !== JSON.stringify(content)
  return h(
    'details',
    { class: 'attempt', open: isOpen },
    h(
      'summary',
      {},
      h('code', {}, time(sent.at)),
      ' ',
      h('span', { class: `tag ${sent.ok ? 'good' : 'bad'}` }, sent.ok ? '已确认' : '未确认'),
      ` ${said}`,
      sent.fault !== null && h('span', { class: 'tag wait' }, sent.fault),
      ` · ${sent.tookMs} ms`,
    ),
    'body' in answer && h('h3', {}, '商户的应答 what the merchant answered'),
    'body' in answer && block('商户的应答', pretty(answer.body)),
    h('h3', {}, '发出的头 headers sent'),
    headerLines('发出的头', request.headers),
    h('h3', {}, '发出的体 body sent'),
    block('发出的体', pretty(request.body)),
    isOther && h('h3', {}, '这一次里面的内容 decrypted, this time'),
    isOther && block('这一次里面的内容', JSON.stringify(decrypted, null, 2)),
    verified(request.headers, request.body),
  )
}
