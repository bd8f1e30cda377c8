/** @module The page: tabs, what is chosen, and redrawing when the sandbox says that something changed. */

import { enter, onDone, onSignIn, say } from './actions.js'
import { drawClock, letRun, makeClock } from './clock.js'
import { byId, h } from './dom.js'
import { drawFaults } from './fault-tab.js'
import { fullTime, yuan } from './format.js'
import { keep } from './keep.js'
import { drawKeys } from './keys-tab.js'
import {
  drawLedger,
  drawNotifications,
  drawPlatform,
  drawRefunds,
  drawRequests,
  drawTrades,
} from './lists.js'
import { notificationParts } from './notification-detail.js'
import { refundParts, tradeParts } from './order-detail.js'
import { requestParts } from './request-detail.js'
import { goTo, hrefTo, placeOf } from './route.js'
import { call, watch } from './sandbox.js'
import { givenToken, isSignedIn } from './token.js'

/** @import { NotificationDetail, RefundDetail, RequestDetail, TradeDetail } from '../src/control/console-details.ts' */
/** @import { ConsoleState } from '../src/control/console-view.ts' */
/** @import { Part } from './keep.js' */
/** @import { DrawList } from './lists.js' */

const TABS = [
  {
    id: 'trades',
    chinese: '订单',
    english: 'Orders',
    find: '订单号、微信订单号、商品、openid',
    failed: '只看实付不符的',
  },
  {
    id: 'refunds',
    chinese: '退款',
    english: 'Refunds',
    find: '退款单号、订单号、状态',
    failed: '只看没有成功的',
  },
  {
    id: 'requests',
    chinese: '请求',
    english: 'Requests',
    find: '路径、单号、错误码、故障',
    failed: '只看出错的',
  },
  {
    id: 'notifications',
    chinese: '通知',
    english: 'Notifications',
    find: '单号、地址、状态',
    failed: '只看没有送达的',
  },
  { id: 'entries', chinese: '账本', english: 'Ledger', find: '原因、账户、单号', failed: '' },
  { id: 'faults', chinese: '故障', english: 'Faults', find: '', failed: '' },
  { id: 'platform', chinese: '消息与发货', english: 'Platform', find: '', failed: '' },
  { id: 'keys', chinese: '密钥', english: 'Keys', find: '', failed: '' },
]
const ROWS = 50
const MAX_ROWS = 500

/** @type {Readonly<Record<string, DrawList>>} */
const LISTS = {
  trades: drawTrades,
  refunds: drawRefunds,
  requests: drawRequests,
  notifications: drawNotifications,
  entries: drawLedger,
  platform: drawPlatform,
}

/** What each kind of thing is drawn from: one call and its parts. @type {Readonly<Record<string, (json: unknown) => Part[]>>} */
const DETAILS = {
  trades: (json) => tradeParts(/** @type {TradeDetail} */ (json)),
  refunds: (json) => refundParts(/** @type {RefundDetail} */ (json)),
  requests: (json) => requestParts(/** @type {RequestDetail} */ (json)),
  notifications: (json) => notificationParts(/** @type {NotificationDetail} */ (json)),
}

/** null until the first picture is there: the page may come without one. @type {ConsoleState | null} */
let state = JSON.parse(byId('first-state').textContent ?? 'null')
let place = placeOf() ?? { tab: 'trades', id: undefined }
/** What the open list is narrowed to. */
let search = { find: '', failedOnly: false, rows: ROWS }
let connectAnew = () => {}
let isAsking = false
let shouldAskAgain = false

const tabNow = () => TABS.find(({ id }) => id === place.tab) ?? { id: 'trades', find: '', failed: '' }

// —— What is wanted of the sandbox ——

function query() {
  if (tabNow().find === '') return ''
  const { find, failedOnly, rows } = search
  const wanted = new URLSearchParams({
    list: place.tab,
    find,
    failed: failedOnly ? '1' : '0',
    rows: String(rows),
  })
  return `?${wanted}`
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing
/** @param {Partial<typeof search>} change @param {number} [waitMs] */
function narrow(change, waitMs = 0) {
  search = { ...search, ...change }
  clearTimeout(typing)
  typing = setTimeout(() => connectAnew(), waitMs)
}

// —— Drawing ——

/** @param {ConsoleState['money']} money */
function drawMoney(money) {
  /** @param {string} label @param {string} value @param {string} [kind] @returns {Part} */
  const card = (label, value, kind = '') => ({
    id: label,
    of: [value, kind],
    draw: () => h('dl', { class: `card ${kind}` }, h('dt', {}, label), h('dd', {}, value)),
  })
  const isEven = money.sumFen === 0
  keep(byId('money'), [
    card('可用余额 available', yuan(money.availableFen)),
    card('未结算 pending', yuan(money.pendingFen)),
    card('退款在途 in transit', yuan(money.transitFen)),
    card('手续费 fees', yuan(money.feesFen)),
    card('账本合计 books', isEven ? '0 ✓ 平' : yuan(money.sumFen), isEven ? 'good' : 'bad'),
  ])
}

function makeTabs() {
  const tabs = TABS.map(({ id, chinese, english }) =>
    h(
      'button',
      { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': 'panel', onclick: () => goTo(id) },
      `${chinese} `,
      h('span', { class: 'english' }, english),
      h('span', { class: 'count', hidden: true }),
    ),
  )
  byId('tabs').replaceChildren(...tabs)
  byId('tabs').addEventListener('keydown', (event) => {
    const at = TABS.findIndex(({ id }) => id === place.tab)
    const last = TABS.length - 1
    const to = {
      ArrowRight: (at + 1) % TABS.length,
      ArrowLeft: (at + last) % TABS.length,
      Home: 0,
      End: last,
    }[event.key]
    const tab = TABS[to ?? -1]
    if (tab === undefined) return
    event.preventDefault()
    goTo(tab.id)
    byId(`tab-${tab.id}`).focus()
  })
}

function drawTabs() {
  const counts = state?.counts
  /** @type {Readonly<Record<string, number>>} */
  const of = counts === undefined ? {} : { ...counts, platform: counts.messages + counts.shipments }
  for (const { id } of TABS) {
    const tab = byId(`tab-${id}`)
    const isOpen = id === place.tab
    tab.setAttribute('aria-selected', String(isOpen))
    tab.tabIndex = isOpen ? 0 : -1
    const count = tab.querySelector('.count')
    if (!(count instanceof HTMLElement)) continue
    count.hidden = (of[id] ?? 0) === 0
    count.textContent = String(of[id] ?? 0)
  }
  byId('panel').setAttribute('aria-labelledby', `tab-${place.tab}`)
}

/** The search of a list; it stays one element while the list changes under it. */
function drawTools() {
  const { id, find, failed } = tabNow()
  const tools = byId('tools')
  tools.hidden = find === ''
  if (find === '') return
  keep(tools, [
    {
      id,
      of: 0,
      draw: () => {
        const input = h('input', {
          type: 'search',
          id: 'find',
          placeholder: `查找：${find}`,
          'aria-label': `查找 find: ${find}`,
          value: search.find,
          oninput: () => {
            narrow({ find: input.value, rows: ROWS }, 250)
          },
        })
        const box = h('input', {
          type: 'checkbox',
          checked: search.failedOnly,
          onchange: () => {
            narrow({ failedOnly: box.checked, rows: ROWS })
          },
        })
        return h(
          'div',
          { class: 'search', role: 'search' },
          input,
          failed !== '' && h('label', { class: 'inline' }, box, failed),
        )
      },
    },
  ])
}

function drawList() {
  if (state === null) return
  const list = byId('list')
  if (place.tab === 'faults') drawFaults(list, state)
  const choice = { chosen: place.id, choose }
  const isSearch = search.find !== '' || search.failedOnly
  LISTS[place.tab]?.(list, state, choice, isSearch)
  drawMore()
}

/** Says how much of the list is shown, and offers the rest of it. */
function drawMore() {
  const more = byId('more')
  const shown = shownRows()
  const there = state?.matching ?? 0
  const isAll = tabNow().find === '' || there <= shown
  more.hidden = isAll
  if (isAll) return
  const next = Math.min(search.rows + 100, MAX_ROWS)
  const words = `最近 ${shown} 条，共 ${there} 条 (the newest ${shown} of ${there})`
  keep(more, [
    {
      id: 'more',
      of: [words, next, search.rows],
      draw: () =>
        h(
          'p',
          {},
          words,
          ' ',
          search.rows < MAX_ROWS
            ? h(
                'button',
                { type: 'button', class: 'small', onclick: () => narrow({ rows: next }) },
                '再显示 100 条 more',
              )
            : '用上面的查找来看更早的 (use the search for older ones)',
        ),
    },
  ])
}

function shownRows() {
  if (state === null) return 0
  const { trades, refunds, requests, notifications, entries } = state
  /** @type {Readonly<Record<string, readonly unknown[]>>} */
  const rows = { trades, refunds, requests, notifications, entries }
  return rows[place.tab]?.length ?? 0
}

// —— The chosen one ——

/** @param {string} id */
function choose(id) {
  goTo(place.tab, place.id === id ? undefined : id)
}

/** Fetches the chosen one anew; while one answer is on its way, at most one more is asked for. */
async function refreshDetail() {
  if (isAsking) {
    shouldAskAgain = true
    return
  }
  const { tab, id } = place
  const partsOf = DETAILS[tab]
  if (id === undefined || partsOf === undefined) return showDetail(undefined)
  const isStill = () => place.tab === tab && place.id === id
  isAsking = true
  try {
    const json = await call('GET', `/console/${tab}/${encodeURIComponent(id)}`)
    if (isStill()) showDetail(partsOf(json))
  } catch (error) {
    // It was cleared, or made room for newer ones; or the sandbox is gone, and what is shown stays.
    if (isStill() && isThere) showDetail([gone(error instanceof Error ? error.message : String(error))])
  } finally {
    isAsking = false
  }
  if (shouldAskAgain) {
    shouldAskAgain = false
    void refreshDetail()
  }
}

/** @param {string} why @returns {Part} */
const gone = (why) => ({
  id: 'gone',
  of: why,
  draw: () => h('div', { class: 'empty' }, h('b', {}, '已经没有了 It is gone'), why),
})

/** @param {Part[] | undefined} parts */
function showDetail(parts) {
  const detail = byId('detail')
  const isNew = detail.hidden && parts !== undefined
  detail.hidden = parts === undefined
  document.body.classList.toggle('split', parts !== undefined)
  const close = {
    id: 'close',
    of: 0,
    draw: () =>
      h('button', { type: 'button', class: 'close', 'aria-label': '关闭 close', onclick: closeDetail }, '✕'),
  }
  // Parts of two different things have the same names: nothing is carried over from one to the other.
  const key = `${place.tab}/${place.id}`
  const frame = { id: key, of: 0, draw: () => h('div', {}) }
  keep(detail, parts === undefined ? [] : [close, frame])
  const [, inside] = detail.children
  if (inside !== undefined && parts !== undefined) keep(inside, parts)
  // Where the list makes room for it, it begins where the list began.
  if (isNew && byId('panel').offsetParent === null) detail.scrollIntoView()
}

/** Back to the list, and to the row that it was opened from. */
function closeDetail() {
  const { id } = place
  goTo(place.tab)
  const row = [...document.querySelectorAll('#list tr')].find(
    (one) => one instanceof HTMLElement && one.dataset.id === id,
  )
  const button = row?.querySelector('button.pick')
  if (button instanceof HTMLElement) button.focus()
}

// —— All together ——

/** Takes the token, if there is one, out of the address. @param {string} href what stays there */
function takeToken(href) {
  const token = givenToken()
  if (token !== undefined) history.replaceState(null, '', href)
  return token
}

/** The address names another place, by a press, a link, or the way back. */
function arrive() {
  const next = placeOf() ?? { tab: 'trades', id: undefined }
  const isOtherTab = next.tab !== place.tab
  place = TABS.some(({ id }) => id === next.tab) ? next : { tab: 'trades', id: undefined }
  if (isOtherTab) {
    search = { find: '', failedOnly: false, rows: ROWS }
    keep(byId('list'), [])
    keep(byId('tools'), [])
    connectAnew()
  }
  if (place.id === undefined) showDetail(undefined)
  draw()
}

function draw() {
  drawTabs()
  drawTools()
  if (place.tab === 'keys') void drawKeys(byId('list'), () => place.tab === 'keys')
  redraw()
}

function redraw() {
  if (state === null) return
  byId('merchant').textContent = `商户 ${state.merchant.mchid} · 小程序 ${state.merchant.appid}`
  drawClock(state.clock)
  drawMoney(state.money)
  drawTabs()
  drawList()
  void refreshDetail()
}

/** Pictures that come while nobody looks are not drawn; the newest is, when somebody looks again. */
function show(/** @type {ConsoleState} */ next) {
  state = next
  if (!document.hidden) redraw()
}

let isThere = true
let seenAt = Date.now()

/** @param {string | null} lost why the sandbox doesn't answer; null: it does */
function link(lost) {
  if (isThere) seenAt = Date.now()
  isThere = lost === null
  letRun(isThere)
  document.body.classList.toggle('lost', !isThere)
  byId('link').textContent = isThere ? '已连接 live' : '连接断开，重试中 reconnecting'
  const words = `${lost}。下面是 ${fullTime(seenAt).slice(11)} 的样子；每秒重试一次 (reconnecting every second)`
  byId('lost').hidden = isThere
  if (!isThere) byId('lost').textContent = words
}

makeTabs()
makeClock()
onDone(draw)
onSignIn(() => {
  connectAnew()
  draw()
})
addEventListener('hashchange', () => {
  // The printed address, opened where the page is open already: the browser loads nothing, and one stays where one was.
  const token = takeToken(hrefTo(place.tab, place.id))
  if (token === undefined) arrive()
  else void enter(token)
})
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && place.id !== undefined) closeDetail()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) redraw()
})
const token = takeToken(location.pathname)
arrive()
if (token !== undefined) await enter(token)
connectAnew = watch(query, show, link)
if (token === undefined && !isSignedIn())
  say(
    '只读：没有控制令牌。打开启动时打印的地址就能操作 (read-only: open the printed consoleUrl to act)',
    true,
  )
