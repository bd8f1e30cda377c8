/** @module The page: tabs, the clock, the forms, and redrawing when the sandbox says that something changed. */

import { act, onDone, say } from './actions.js'
import { notificationDetail, refundDetail, requestDetail, tradeDetail } from './details.js'
import { button, byId, h } from './dom.js'
import { drawFaults } from './fault-tab.js'
import { fullTime, span, yuan } from './format.js'
import { drawKeys } from './keys-tab.js'
import { ledger, notifications, platform, refunds, requests, trades } from './panels.js'
import { call, isSignedIn, watch } from './sandbox.js'

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
  if (tab === 'faults') return drawFaults(list, state, forget)
  if (tab === 'keys') return
  const drawn = LISTS[tab](state, { chosen: chosen[tab], choose })
  list.replaceChildren(...[drawn].flat())
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
    return showDetail(trade && tradeDetail(trade, state, act))
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

function forget() {
  for (const name of Object.keys(chosen)) delete chosen[name]
}

function open(id) {
  tab = id
  byId('list').replaceChildren()
  draw()
  if (tab === 'keys') void drawKeys(byId('list'), () => tab === 'keys')
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

onDone(draw)
draw()
setInterval(tick, 1_000)
watch(show, (there) => {
  isThere = there
  const link = byId('link')
  link.classList.toggle('lost', !there)
  link.textContent = there ? '已连接 live' : '连接断开，重试中 reconnecting'
})
if (!isSignedIn()) say('只读：没有控制令牌 (read-only: open consoleUrl of sandbox.json to act)', true)
