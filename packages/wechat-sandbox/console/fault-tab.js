/** @module The tab that makes things go wrong: faults, scenarios, certificates, clearing. */
import { act, say } from './actions.js'
import { button, byId, empty, h, panel } from './dom.js'
import { FAULT_GROUPS, takesOf } from './faults.js'
import { keep } from './keep.js'
import { drawTable } from './table.js'

/** @import { ConsoleState } from '../src/control/console-view.ts' */

/** The newest picture, for what is exported. @type {ConsoleState['faults']} */
let planned = []

/** The forms stay as they are while the list under them is redrawn: somebody may be typing. @param {Element} list @param {ConsoleState} state */
export function drawFaults(list, state) {
  planned = state.faults
  keep(list, [
    { id: 'plan', of: 0, draw: () => panel('安排一个故障', 'plan a fault', faultForm()) },
    { id: 'planned', of: 0, draw: () => h('div', { class: 'panel', id: 'planned' }) },
    {
      id: 'scenario',
      of: 0,
      draw: () => panel('剧本', 'scenario: faults and later calls, replayed as written', scenarioForm()),
    },
    {
      id: 'certificates',
      of: state.certificates,
      draw: () => panel('平台证书与清空', 'certificates, clearing', certificates(state.certificates)),
    },
  ])
  drawPlanned(byId('planned'), state.faults)
}

/** @param {Element} host @param {ConsoleState['faults']} faults */
function drawPlanned(host, faults) {
  if (faults.length === 0) {
    const draw = () => empty('没有故障 No faults planned', '在上面选择一个，它会在下一次匹配时发生')
    return keep(host, [{ id: 'empty', of: 0, draw }])
  }
  drawTable(
    host,
    [
      { head: '故障', kind: 'key' },
      { head: '匹配', kind: 'when code' },
      { head: '剩余次数', kind: 'number' },
      { head: '概率', kind: 'less' },
      { head: '已发生 / 已匹配', kind: 'less' },
      { head: '操作', kind: 'state' },
    ],
    faults.map((fault) => ({
      id: fault.id,
      of: fault,
      cells: () => [
        h('span', { class: 'tag wait' }, fault.fault),
        Object.entries(fault.match)
          .map(([name, value]) => `${name} = ${value}`)
          .join(', ') || '全部 any',
        fault.times === null ? '一直 standing' : fault.times,
        `${Math.round(fault.rate * 1000) / 10}% · seed ${fault.seed}`,
        `${fault.struck} / ${fault.matched}`,
        button('取消', () => act('DELETE', `/faults/${encodeURIComponent(fault.id)}`), 'danger'),
      ],
    })),
  )
}

function faultForm() {
  /** @param {string} name @param {string} label @param {Readonly<Record<string, string>>} [attributes] */
  const field = (name, label, attributes = {}) =>
    h('label', { 'data-takes': name }, label, h('input', { name, ...attributes }))
  /** @param {string} name @param {string} label @param {readonly (readonly [value: string, word: string])[]} options */
  const choice = (name, label, options) =>
    h(
      'label',
      { 'data-takes': name },
      label,
      h(
        'select',
        { name },
        options.map(([value, word]) => h('option', { value }, word)),
      ),
    )
  const which = h(
    'select',
    { name: 'fault', onchange: () => showTaken() },
    FAULT_GROUPS.map(([group, faults]) =>
      h(
        'optgroup',
        { label: group },
        faults.map(([name, label]) => h('option', { value: name }, `${name} — ${label}`)),
      ),
    ),
  )
  const own = [
    field('ms', '毫秒 ms', { inputmode: 'numeric', placeholder: '1000' }),
    field('amountFen', '金额（分） amountFen', { inputmode: 'numeric', placeholder: '多一分' }),
    field('currency', '币种 currency', { placeholder: 'CNY', maxlength: '16' }),
    field('copies', '份数 copies', { inputmode: 'numeric', placeholder: '2' }),
    field('attach', '附加数据 attach', { placeholder: 'a&total_fee=1', maxlength: '128' }),
    choice('applied', '请求是否生效 applied', [
      ['', '默认 default'],
      ['true', '生效 applied'],
      ['false', '不生效 not applied'],
    ]),
    choice('on', '对象 on', [
      ['request', '请求的应答 request'],
      ['notification', '通知 notification'],
    ]),
  ]
  // What a fault doesn't take isn't offered, nor sent along when it was filled in for another.
  const showTaken = () => {
    const takes = takesOf(which.value)
    for (const label of own) {
      label.hidden = !takes.includes(label.dataset.takes ?? '')
      for (const input of label.querySelectorAll('input, select'))
        input.toggleAttribute('disabled', label.hidden)
    }
  }
  showTaken()
  const form = h(
    'form',
    {
      class: 'fault',
      onsubmit: (event) => {
        event.preventDefault()
        void act('POST', '/faults', faultOf(new FormData(form)))
      },
    },
    h('label', { class: 'wide' }, '故障 fault', which),
    own,
    field('path', '只限路径 path，可以 * 结尾', { placeholder: '/v3/refund/*' }),
    field('outTradeNo', '只限订单 outTradeNo'),
    field('outRefundNo', '只限退款 outRefundNo'),
    field('times', '次数 times（空 = 一次；填了概率则一直）', { inputmode: 'numeric', placeholder: '1' }),
    field('rate', '概率 rate 0..1', { inputmode: 'decimal', placeholder: '1' }),
    field('seed', '种子 seed', { placeholder: '0' }),
    h('button', { class: 'main' }, '安排 plan'),
  )
  return form
}

/** The control API's words for what was filled in. @param {FormData} form */
function faultOf(form) {
  /** @type {Record<string, unknown>} */
  const fault = { match: {} }
  /** @type {Record<string, string>} */
  const match = {}
  for (const [name, value] of form) {
    if (typeof value !== 'string' || value.trim() === '') continue
    const text = value.trim()
    if (['outTradeNo', 'outRefundNo', 'path'].includes(name)) match[name] = text
    else if (['times', 'rate', 'ms', 'amountFen', 'copies'].includes(name)) fault[name] = Number(text)
    else if (name === 'applied') fault.applied = text === 'true'
    else fault[name] = text
  }
  return { ...fault, match }
}

function scenarioForm() {
  const area = h(
    'textarea',
    { 'aria-label': '剧本 scenario', spellcheck: 'false' },
    JSON.stringify(
      {
        faults: [{ fault: '500', times: 2 }],
        steps: [{ afterMs: 60_000, call: 'POST /balance', body: { amountFen: 10_000 } }],
      },
      null,
      2,
    ),
  )
  const run = async () => {
    /** @type {unknown} */
    let scenario
    try {
      scenario = JSON.parse(area.value)
    } catch {
      return say('剧本不是合法的 JSON (not JSON)')
    }
    const done = await act('POST', '/scenario', scenario)
    if (typeof done !== 'object' || done === null || !('faults' in done && 'steps' in done)) return
    const faults = Array.isArray(done.faults) ? done.faults.length : 0
    say(`已安排 ${faults} 个故障、${done.steps} 步`, true)
  }
  const take = () => {
    const faults = planned.map(({ id, matched, struck, times, rate, amountFen, currency, ...fault }) => ({
      ...fault,
      ...(times === null ? { rate } : { times, rate }),
      ...(amountFen === null ? {} : { amountFen }),
      ...(currency === null ? {} : { currency }),
    }))
    area.value = JSON.stringify({ faults, steps: [] }, null, 2)
  }
  return h(
    'div',
    {},
    area,
    h('div', { class: 'row' }, button('执行 run', run, 'main'), button('写入现有故障 export', take)),
  )
}

/** @param {ConsoleState['certificates']} states */
function certificates(states) {
  const clear = async () => {
    if (!confirm('清空所有订单、退款、通知、请求和故障？密钥和时钟不变。')) return
    if ((await act('POST', '/clear', {})) !== undefined) say('已清空 cleared', true)
  }
  return h(
    'div',
    {},
    states.map(({ serialNo, state }) => h('p', {}, h('code', {}, `${serialNo} ${state}`))),
    h(
      'div',
      { class: 'row' },
      button('证书轮换下一步 rotate', () => act('POST', '/certificates/rotate', {})),
      button('清空全部记录 clear', clear, 'danger'),
    ),
  )
}
