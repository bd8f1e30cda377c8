/** @module The page: tabs, the clock, the forms, and redrawing when the sandbox says that something changed. */
import { notificationDetail, refundDetail, requestDetail, tradeDetail } from './details.js'
import { button, byId, empty, h } from './dom.js'
import { FAULTS } from './faults.js'
import { fullTime, span, yuan } from './format.js'
import { faultList, ledger, notifications, platform, refunds, requests, trades } from './panels.js'
import { call, isSignedIn, signIn, watch } from './sandbox.js'

const TABS = [
  ['trades', '订单', 'Orders'],
  ['refunds', '退款', 'Refunds'],
  ['requests', '请求', 'Requests'],
  ['notifications', '通知', 'Notifications'],
  ['entries', '账本', 'Ledger'],
  ['faults', '故障', 'Faults'],
  ['platform', '消息与发货', 'Platform'],
  ['keys', '密钥', 'Keys'],
]

let state = JSON.parse(byId('first-state').textContent)
let tab = 'trades'
/** @type {Record<string, string | undefined>} what is chosen, by tab */
const chosen = {}
/** The request or notification in full, as last fetched. */
let shown = { id: undefined, detail: undefined }
let isThere = true

// —— What people do ——

async function act(method, path, body) {
  try {
    const answer = await call(method, path, body)
    say('')
    void refreshDetail()
    return answer
  } catch (error) {
    say(error.message)
    return undefined
  }
}

function say(sentence, isPlain = false) {
  const notice = byId('notice')
  notice.hidden = sentence === ''
  notice.className = `notice ${isPlain ? 'plain' : ''}`
  notice.replaceChildren(sentence)
  if (sentence !== '' && !isSignedIn()) notice.append(' ', tokenForm())
}

function tokenForm() {
  const input = h('input', {
    type: 'password',
    placeholder: 'controlToken',
    'aria-label': 'controlToken',
    autocomplete: 'off',
  })
  const submit = (event) => {
    event.preventDefault()
    signIn(input.value.trim())
    say('')
    draw()
  }
  return h('form', { class: 'row', onsubmit: submit }, input, h('button', { class: 'main' }, '使用令牌'))
}

/** Tomorrow's 10:01 in China: when yesterday's bills can be had. */
function tomorrow() {
  const china = Date.parse(state.clock.now) + 8 * 3_600_000
  const next = new Date(china + 86_400_000).toISOString().slice(0, 10)
  return `${next}T10:01:00+08:00`
}

// —— Drawing ——

function drawClock() {
  const { clock } = state
  document.querySelector('.clock').classList.toggle('paused', clock.paused)
  byId('offset').textContent =
    `${clock.paused ? '已暂停 paused · ' : ''}虚拟时间 ${clock.offsetMs === 0 ? '= 真实时间' : span(clock.offsetMs)}`
  const move = (body) => () => act('POST', '/clock', body)
  byId('clock-buttons').replaceChildren(
    button(clock.paused ? '继续 run' : '暂停 pause', move({ paused: !clock.paused })),
    h(
      'button',
      {
        type: 'button',
        onclick: move({ step: true }),
        disabled: clock.nextDueAt === null,
        title: clock.nextDueAt ?? '没有计划',
      },
      '下一件 step',
    ),
    button('+1 分钟', move({ advanceMs: 60_000 })),
    button('+1 小时', move({ advanceMs: 3_600_000 })),
    button('明天 10:01', () => act('POST', '/clock', { to: tomorrow() }), 'main'),
  )
  tick()
}

/** The seconds run on between two pictures. */
let clockAt = { virtual: Date.parse(state.clock.now), real: Date.now() }
function tick() {
  const passed = state.clock.paused || !isThere ? 0 : Date.now() - clockAt.real
  byId('time').textContent = fullTime(clockAt.virtual + passed)
}

function drawMoney() {
  const { money } = state
  const card = (label, value, kind = '') =>
    h('dl', { class: `card ${kind}` }, h('dt', {}, label), h('dd', {}, value))
  byId('money').replaceChildren(
    card('可用余额 available', yuan(money.availableFen)),
    card('未结算 pending', yuan(money.pendingFen)),
    card('退款在途 in transit', yuan(money.transitFen)),
    card('手续费 fees', yuan(money.feesFen)),
    card(
      '账本合计 books',
      money.sumFen === 0 ? '0 ✓ 平' : yuan(money.sumFen),
      money.sumFen === 0 ? 'good' : 'bad',
    ),
  )
}

function drawTabs() {
  const counts = { ...state.counts, platform: state.counts.messages + state.counts.shipments }
  byId('tabs').replaceChildren(
    ...TABS.map(([id, chinese, english]) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${id}`,
          'aria-selected': String(id === tab),
          onclick: () => open(id),
        },
        `${chinese} `,
        h('span', { class: 'english' }, english),
        counts[id] > 0 ? h('span', { class: 'count' }, counts[id]) : null,
      ),
    ),
  )
}

const LISTS = { trades, refunds, requests, notifications, entries: ledger, platform }

function drawList() {
  const list = byId('list')
  if (tab === 'faults') return drawFaults(list)
  if (tab === 'keys') return
  const drawn = LISTS[tab](state, { chosen: chosen[tab], choose })
  list.replaceChildren(...[drawn].flat())
}

/** The forms stay as they are while the list under them is redrawn: somebody may be typing. */
function drawFaults(list) {
  if (list.querySelector('form.fault') === null) {
    list.replaceChildren(
      h('div', { class: 'panel' }, h('h2', {}, '安排一个故障 ', h('small', {}, 'plan a fault')), faultForm()),
      h('div', { class: 'panel', id: 'planned' }),
      h(
        'div',
        { class: 'panel' },
        h('h2', {}, '剧本 ', h('small', {}, 'scenario: faults and later calls, replayed as written')),
        scenarioForm(),
      ),
      h(
        'div',
        { class: 'panel' },
        h('h2', {}, '平台证书与清空 ', h('small', {}, 'certificates, clearing')),
        certificates(),
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

function scenarioForm() {
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
    const faults = state.faults.map(
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

function certificates() {
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
          for (const name of Object.keys(chosen)) delete chosen[name]
          await act('POST', '/clear', {})
        },
        'danger',
      ),
    ),
  )
}

async function drawKeys() {
  const list = byId('list')
  if (!isSignedIn()) {
    list.replaceChildren(
      empty(
        '需要控制令牌 The control token is needed',
        '从 sandbox.json 的 consoleUrl 打开本页，或粘贴 controlToken',
      ),
      h('div', { class: 'panel' }, tokenForm()),
    )
    return
  }
  try {
    const { info, sdks } = await call('GET', '/console/keys')
    if (tab !== 'keys') return
    list.replaceChildren(
      ...sdks.map(({ name, text }) =>
        h(
          'div',
          { class: 'panel keys' },
          h('h2', {}, name),
          h('pre', {}, text),
          h(
            'div',
            { class: 'row' },
            button('复制 copy', () => copy(text)),
          ),
        ),
      ),
      h(
        'div',
        { class: 'panel keys' },
        h('h2', {}, 'sandbox.json'),
        h('pre', {}, JSON.stringify(info, null, 2)),
      ),
    )
  } catch (error) {
    say(error.message)
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    say('已复制 copied', true)
  } catch {
    say('浏览器不允许复制，请手动选择 (select it by hand)')
  }
}

// —— The chosen one ——

function choose(id) {
  chosen[tab] = chosen[tab] === id ? undefined : id
  drawList()
  void refreshDetail()
}

/** Requests and notifications are fetched in full; orders and refunds are in the picture already. */
async function refreshDetail() {
  const id = chosen[tab]
  if (id === undefined) return showDetail(undefined)
  if (tab === 'trades') {
    const trade = state.trades.find((one) => one.outTradeNo === id)
    return showDetail(trade && tradeDetail(trade, state))
  }
  if (tab === 'refunds') {
    const refund = state.refunds.find((one) => one.outRefundNo === id)
    return showDetail(refund && refundDetail(refund, act))
  }
  const from = tab
  try {
    if (from === 'requests' && shown.id === `${from}/${id}`) return showDetail(requestDetail(shown.detail))
    const detail = await call('GET', `/console/${from}/${encodeURIComponent(id)}`)
    if (tab !== from || chosen[tab] !== id) return
    shown = { id: `${from}/${id}`, detail }
    showDetail(from === 'requests' ? requestDetail(detail) : notificationDetail(detail, act))
  } catch {
    // It was cleared, or made room for newer ones.
    if (chosen[from] === id) {
      chosen[from] = undefined
      showDetail(undefined)
    }
  }
}

function showDetail(parts) {
  const detail = byId('detail')
  detail.hidden = parts === undefined
  document.querySelector('main').classList.toggle('split', parts !== undefined)
  const top = detail.scrollTop
  detail.replaceChildren(
    ...(parts === undefined
      ? []
      : [
          h(
            'button',
            { type: 'button', class: 'close', 'aria-label': '关闭', onclick: () => choose(chosen[tab]) },
            '✕',
          ),
          ...parts,
        ]),
  )
  detail.scrollTop = top
}

// —— All together ——

function open(id) {
  tab = id
  byId('list').replaceChildren()
  draw()
  if (tab === 'keys') void drawKeys()
}

function draw() {
  byId('merchant').textContent = `商户 ${state.merchant.mchid} · 小程序 ${state.merchant.appid}`
  drawClock()
  drawMoney()
  drawTabs()
  drawList()
  void refreshDetail()
}

function show(next) {
  state = next
  clockAt = { virtual: Date.parse(state.clock.now), real: Date.now() }
  draw()
}

draw()
setInterval(tick, 1_000)
watch(show, (there) => {
  isThere = there
  const link = byId('link')
  link.classList.toggle('lost', !there)
  link.textContent = there ? '已连接 live' : '连接断开，重试中 reconnecting'
})
if (!isSignedIn()) say('只读：没有控制令牌 (read-only: open consoleUrl of sandbox.json to act)', true)
