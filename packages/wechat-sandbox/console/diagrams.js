/** @module The states of an order and of a refund, drawn, with the one it is in. */
import { s } from './dom.js'
import { wordOf } from './format.js'

const TRADE = {
  nodes: { NOTPAY: [70, 34], SUCCESS: [240, 34], REFUND: [410, 34], CLOSED: [240, 114] },
  edges: [
    ['M126 34 H182', '支付 pay', 154, 26],
    ['M296 34 H352', '退款 refund', 324, 26],
    ['M70 52 V114 H182', '关单 / 7 天 close', 128, 106],
  ],
}

const REFUND = {
  nodes: { PROCESSING: [70, 74], SUCCESS: [320, 24], ABNORMAL: [320, 74], CLOSED: [320, 124] },
  edges: [
    ['M126 66 L264 26', '到账', 190, 36],
    ['M126 72 H264', '退款异常', 196, 66],
    ['M126 82 L264 122', '余额不足 7 天', 190, 122],
    ['M264 80 H126', '退到银行卡', 196, 92],
  ],
}

/** @param {'trade' | 'refund'} which @param {string} here */
export function diagram(which, here) {
  const { nodes, edges } = which === 'trade' ? TRADE : REFUND
  return s(
    'svg',
    { class: 'diagram', viewBox: '0 0 480 150', role: 'img', 'aria-label': `现在 ${here}` },
    s(
      'defs',
      {},
      s(
        'marker',
        {
          id: `arrow-${which}`,
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerWidth: 7,
          markerHeight: 7,
          orient: 'auto',
        },
        s('path', { d: 'M0 0 L8 4 L0 8' }),
      ),
    ),
    ...edges.flatMap(([d, word, x, y]) => [
      s('path', { d, 'marker-end': `url(#arrow-${which})` }),
      s('text', { class: 'word', x, y }, word),
    ]),
    ...Object.entries(nodes).map(([state, [x, y]]) =>
      s(
        'g',
        { class: state === here ? 'here' : '' },
        s('rect', { x: x - 56, y: y - 20, width: 112, height: 40, rx: 8 }),
        s('text', { x, y: y - 3 }, wordOf(state).split(' ')[0]),
        s('text', { class: 'word', x, y: y + 12 }, state),
      ),
    ),
  )
}
