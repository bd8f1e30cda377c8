/** @module A notification in full: what is inside, every attempt as it went over the wire, and when the next one is due. */
import { act } from './actions.js'
import { block, button, facts, h, tag } from './dom.js'
import { pretty, time } from './format.js'
import { headerLines, verified } from './request-detail.js'
import { hrefTo } from './route.js'

/** @import { NotificationDetail } from '../src/control/console-details.ts' */
/** @import { Part } from './keep.js' */

/** What a merchant's server must not believe, whichever message it is: to acknowledge one of these is the mistake. */
const ALWAYS_SPOILT = ['wrong-signature', 'forged-notification', 'probe']

/** An APIv2 refund notice is never signed, and no APIv2 message has a timestamp: what lacks them can't be told from others. */
const SPOILT = {
  v3: [...ALWAYS_SPOILT, 'unsigned', 'unsigned-notification', 'stale-timestamp'],
  v2payment: [...ALWAYS_SPOILT, 'unsigned', 'unsigned-notification'],
  v2refund: ALWAYS_SPOILT,
}

/** @param {NotificationDetail} notice @returns {Part[]} */
export function notificationParts(notice) {
  const { id, status, attempts, content, outTradeNo, outRefundNo, retries, maxRetries } = notice
  const attemptParts = attempts.map((sent, index) => ({
    id: `attempt-${sent.at}-${index}`,
    of: sent,
    draw: () => attempt(sent, index === attempts.length - 1, notice),
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
 * @param {NotificationDetail} notice
 */
function attempt(sent, isOpen, notice) {
  const { answer, request, decrypted } = sent
  const said = 'error' in answer ? answer.error : `HTTP ${answer.status}`
  const isOther = JSON.stringify(decrypted) !== JSON.stringify(notice.content)
  return h(
    'details',
    { class: 'attempt', open: isOpen },
    h(
      'summary',
      {},
      h('code', {}, time(sent.at)),
      ' ',
      verdict(sent, notice),
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

/**
 * How the attempt ended, seen from the merchant's side: a spoilt message is well refused and badly believed.
 *
 * @param {NotificationDetail['attempts'][number]} sent
 * @param {NotificationDetail} notice
 */
function verdict({ ok, fault, answer }, { kind, protocol }) {
  const spoilt = protocol === 'v3' ? SPOILT.v3 : kind === 'payment' ? SPOILT.v2payment : SPOILT.v2refund
  const isSpoilt = fault !== null && spoilt.includes(fault) && !('error' in answer)
  const [isGood, word] = isSpoilt
    ? [!ok, ok ? '收下了，应拒绝 believed' : '拒绝了 refused']
    : [ok, ok ? '已确认' : '未确认']
  return h('span', { class: `tag ${isGood ? 'good' : 'bad'}` }, word)
}
