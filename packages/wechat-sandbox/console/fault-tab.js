/** @module The tab that makes things go wrong: faults, scenarios, certificates, clearing. */
import { act, say } from './actions.js'
import { button, byId, h } from './dom.js'
import { FAULTS } from './faults.js'
import { faultList } from './panels.js'

/** The newest picture, for what is exported. */
let latest

/** The forms stay as they are while the list under them is redrawn: somebody may be typing. */
export function drawFaults(list, state, forget) {
  latest = state
  if (list.querySelector('form.fault') === null) {
    list.replaceChildren(
      h('div', { class: 'panel' }, h('h2', {}, '安排一个故障 ', h('small', {}, 'plan a fault')), faultForm()),
      h('div', { class: 'panel', id: 'planned' }),
      h(
        'div',
        { class: 'panel' },
        h('h2', {}, '剧本 ', h('small', {}, 'scenario: faults and later calls, replayed as written')),
        scenarioForm(() => latest),
      ),
      h(
        'div',
        { class: 'panel' },
        h('h2', {}, '平台证书与清空 ', h('small', {}, 'certificates, clearing')),
        certificates(forget),
      ),
    )
  }
  byId('planned').replaceChildren(
    faultList(state, (id) => act('DELETE', `/faults/${encodeURIComponent(id)}`)),
  )
  byId('certificate-states').textContent = state.certificates
    .map(({ serialNo, state: is }) => `${serialNo.slice(0, 12)}… ${is}`)
    .join('   ')
}

function faultForm() {
  const field = (name, label, attributes = {}, kind = '') =>
    h('label', { class: kind }, label, h('input', { name, ...attributes }))
  const form = h(
    'form',
    { class: 'fault' },
    h(
      'label',
      { class: 'wide' },
      '故障 fault',
      h(
        'select',
        { name: 'fault' },
        ...FAULTS.map(([name, label]) => h('option', { value: name }, `${name} — ${label}`)),
      ),
    ),
    field('outTradeNo', '只限订单 outTradeNo'),
    field('outRefundNo', '只限退款 outRefundNo'),
    field('path', '只限路径 path，可以 * 结尾', { placeholder: '/v3/refund/*' }),
    field('times', '次数 times（空 = 1，有概率则一直）', { inputmode: 'numeric' }),
    field('rate', '概率 rate 0..1', { inputmode: 'decimal' }),
    field('seed', '种子 seed', { placeholder: '0' }),
    field('ms', '毫秒 ms（delay）', { inputmode: 'numeric' }),
    field('amountFen', '金额 amountFen', { inputmode: 'numeric' }),
    h(
      'label',
      {},
      '是否生效 applied',
      h(
        'select',
        { name: 'applied' },
        h('option', { value: '' }, '默认'),
        h('option', { value: 'true' }, '生效'),
        h('option', { value: 'false' }, '不生效'),
      ),
    ),
    h(
      'label',
      {},
      '对象 on',
      h(
        'select',
        { name: 'on' },
        h('option', { value: 'request' }, '请求 request'),
        h('option', { value: 'notification' }, '通知 notification'),
      ),
    ),
    h('button', { class: 'main' }, '安排 plan'),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
    const { outTradeNo, outRefundNo, path, applied, ...rest } = given
    const numbers = Object.fromEntries(
      ['times', 'rate', 'ms', 'amountFen']
        .filter((name) => rest[name] !== undefined)
        .map((name) => [name, Number(rest[name])]),
    )
    const match = Object.fromEntries(
      Object.entries({ outTradeNo, outRefundNo, path }).filter(([, value]) => value !== undefined),
    )
    void act('POST', '/faults', {
      ...rest,
      ...numbers,
      match,
      ...(applied === undefined ? {} : { applied: applied === 'true' }),
    })
  })
  return form
}

function scenarioForm(stateNow) {
  const area = h(
    'textarea',
    { 'aria-label': 'scenario', spellcheck: 'false' },
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
    try {
      const done = await act('POST', '/scenario', JSON.parse(area.value))
      if (done !== undefined) say(`已安排 ${done.faults.length} 个故障、${done.steps} 步`, true)
    } catch {
      say('剧本不是合法的 JSON (not JSON)')
    }
  }
  const take = () => {
    const faults = stateNow().faults.map(
      ({ id, matched, struck, times, rate, amountFen, currency, ...fault }) => ({
        ...fault,
        ...(times === null ? { rate } : { times, rate }),
        ...(amountFen === null ? {} : { amountFen }),
        ...(currency === null ? {} : { currency }),
      }),
    )
    area.value = JSON.stringify({ faults, steps: [] }, null, 2)
  }
  return h(
    'div',
    {},
    area,
    h('div', { class: 'row' }, button('执行 run', run, 'main'), button('写入现有故障 export', take)),
  )
}

function certificates(forget) {
  return h(
    'div',
    {},
    h('p', {}, h('code', { id: 'certificate-states' })),
    h(
      'div',
      { class: 'row' },
      button('证书轮换下一步 rotate', () => act('POST', '/certificates/rotate', {})),
      button(
        '清空全部记录 clear',
        async () => {
          if (!confirm('清空所有订单、退款、通知、请求和故障？密钥和时钟不变。')) return
          forget()
          await act('POST', '/clear', {})
        },
        'danger',
      ),
    ),
  )
}
