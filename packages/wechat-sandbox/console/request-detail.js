/** @module A request in full: the exact string that had to be signed, and how it differs from the one that was. */
import { copyButton } from './actions.js'
import { difference } from './difference.js'
import { block, facts, h } from './dom.js'
import { pretty, time } from './format.js'
import { hrefTo } from './route.js'

/** @import { RequestDetail } from '../src/control/console-details.ts' */
/** @import { Piece } from './difference.js' */
/** @import { Part } from './keep.js' */

/** A request doesn't change any more, but who signs in sees its signatures: one part. @param {RequestDetail} request @returns {Part[]} */
export function requestParts(request) {
  const { answer, signature, about } = request
  return [
    {
      id: request.id,
      of: [request.headers, request.body, answer],
      draw: () =>
        h(
          'div',
          {},
          h('h2', {}, `${request.method} `, h('code', {}, request.path)),
          facts([
            ['时间（虚拟）', time(request.at)],
            ['真实时间', time(request.realAt)],
            ['关于', about === null ? null : h('a', { href: hrefTo(tabOf(request), about) }, about)],
            ['应答', answer === null ? '连接中断，没有应答' : `HTTP ${answer.status}`],
            ['错误码', request.code],
            ['故障', request.fault],
            ['耗时', `${request.tookMs} ms`],
          ]),
          signature !== null && signaturePart(signature),
          h('h3', {}, '请求头 request headers'),
          headerLines('请求头', request.headers),
          h('h3', {}, request.isCut ? '请求体（只保留前 16 KB）' : '请求体 request body'),
          block('请求体', pretty(request.body)),
          answer !== null && h('h3', {}, '应答头 response headers'),
          answer !== null && headerLines('应答头', answer.headers),
          answer !== null && h('h3', {}, '应答体 response body'),
          answer !== null && block('应答体', pretty(answer.body)),
          answer !== null && verified(answer.headers, answer.body),
        ),
    },
  ]
}

/** @param {RequestDetail} request */
const tabOf = ({ path }) => (/refund/.test(path) ? 'refunds' : 'trades')

/** @param {NonNullable<RequestDetail['signature']>} diagnosis */
function signaturePart({ ok, finding, expected, signed }) {
  const both = signed === null || ok ? null : difference(expected, signed)
  return h(
    'section',
    {},
    h('h3', {}, '签名 signature'),
    h('p', { class: `finding ${ok ? 'good' : ''}` }, finding),
    expected !== '' &&
      h(
        'h3',
        {},
        '应签名的字符串 what has to be signed ',
        copyButton(() => expected),
      ),
    expected !== '' && marked(both?.left ?? [{ text: expected, isSame: true }]),
    both !== null && h('h3', {}, '实际签名的字符串 what was signed'),
    both !== null && marked(both.right),
    !ok && signed === null && expected !== '' && comparison(expected),
  )
}

/** Nobody can read the string out of a signature; whoever signed can paste it here. @param {string} expected */
function comparison(expected) {
  const result = h('div', { class: 'compared', 'aria-live': 'polite' })
  const area = h('textarea', {
    spellcheck: 'false',
    'aria-label': '粘贴你的代码签名的字符串',
    oninput: () => {
      if (area.value === '') return result.replaceChildren()
      const { left, right } = difference(expected, area.value)
      const isSame = [...left, ...right].every((piece) => piece.isSame)
      const word = isSame
        ? '两个字符串相同：密钥或算法不同 (same string: another key or algorithm)'
        : '不同之处已标出：上面是应签名的，下面是你的 (differences marked)'
      result.replaceChildren(h('p', {}, word), ...(isSame ? [] : [marked(left), marked(right)]))
    },
  })
  return h(
    'details',
    { class: 'compare' },
    h('summary', {}, '与我的代码签名的字符串比较 compare with mine'),
    h('p', {}, '在代码里把参与签名的字符串原样打印出来，粘贴到这里。'),
    area,
    result,
  )
}

/** Line feeds made visible, and what the other string doesn't have marked. @param {readonly Piece[]} pieces */
export function marked(pieces) {
  return h(
    'pre',
    { class: 'signed', tabindex: 0, 'aria-label': '参与签名的字符串' },
    pieces.map(({ text, isSame }) => (isSame ? h('span', {}, visible(text)) : h('mark', {}, visible(text)))),
  )
}

/** @param {string} text @returns {(Element | string)[]} */
function visible(text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      index === 0 ? [line] : [h('span', { class: 'lf', 'aria-hidden': 'true' }), `\n${line}`],
    )
}

/**
 * What the platform's own signature covers, for whoever debugs the other direction; nothing when it isn't signed.
 *
 * @param {Readonly<Record<string, unknown>>} headers
 * @param {string} body
 */
export function verified(headers, body) {
  const of = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
  const timestamp = of.get('wechatpay-timestamp')
  const nonce = of.get('wechatpay-nonce')
  if (timestamp === undefined || nonce === undefined) return null
  const text = `${timestamp}\n${nonce}\n${body}\n`
  return h(
    'details',
    { class: 'verified' },
    h('summary', {}, '验签串 what Wechatpay-Signature covers'),
    h(
      'p',
      {},
      `Wechatpay-Serial: ${of.get('wechatpay-serial') ?? '—'} `,
      copyButton(() => text),
    ),
    marked([{ text, isSame: true }]),
  )
}

/** @param {string} label @param {Readonly<Record<string, unknown>>} map */
export function headerLines(label, map) {
  const lines = Object.entries(map).map(([name, value]) => `${name}: ${value}`)
  return block(label, lines.length === 0 ? '（无 none）' : lines.join('\n'))
}
