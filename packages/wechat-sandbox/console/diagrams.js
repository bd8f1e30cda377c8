/** @module The states of an order and of a refund, drawn, with the one it is in. */
import { s } from './dom.js'
import { wordOf } from './format.js'

/**
 * @typedef {object} Diagram
 * @property {number} height
 * @property {Readonly<Record<string, readonly [x: number, y: number]>>} nodes
 * @property {readonly (readonly [path: string, word: string, x: number, y: number])[]} edges
 */

/** @type {Diagram} */
const TRADE = {
  height: 152,
  nodes: { NOTPAY: [60, 34], SUCCESS: [240, 34], REFUND: [420, 34], CLOSED: [240, 122] },
  edges: [
    ['M116 34 H182', '支付', 149, 28],
    ['M296 27 H362', '退款', 329, 21],
    ['M364 42 H298', '退款关闭', 331, 56],
    ['M60 54 V122 H182', '关单或 7 天未付', 118, 115],
    ['M240 102 V56', '关单后到账', 272, 84],
  ],
}

/** @type {Diagram} */
const REFUND = {
  height: 176,
  nodes: { PROCESSING: [70, 88], SUCCESS: [370, 26], ABNORMAL: [370, 88], CLOSED: [370, 150] },
  edges: [
    ['M126 78 L312 28', '到账', 206, 46],
    ['M126 84 H312', '退款异常', 234, 78],
    ['M314 94 H128', '退到银行卡', 234, 108],
    ['M126 100 L312 148', '余额不足 7 天', 198, 138],
    ['M370 68 V48', '人工处理', 398, 61],
  ],
}

/** @param {'trade' | 'refund'} which @param {string} here */
export function diagram(which, here) {
  const { nodes, edges, height } = which === 'trade' ? TRADE : REFUND
  return s(
    'svg',
    { class: 'diagram', viewBox: `0 0 480 ${height}`, role: 'img', 'aria-label': `现在 ${wordOf(here)}` },
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
