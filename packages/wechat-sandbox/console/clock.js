/** @module The virtual clock: what time it is, what is due next, and the buttons that move it. */
import { act, say } from './actions.js'
import { button, byId, h } from './dom.js'
import { fullTime, span, time } from './format.js'

/** @import { ConsoleState } from '../src/control/console-view.ts' */

/** @typedef {ConsoleState['clock']} Clock */

/** The last picture's clock, and when it came. @type {{ clock: Clock, at: number } | undefined} */
let last
let isRunning = true

/** Builds the buttons once; they stay, so that pressing one twice takes no second Tab. */
export function makeClock() {
  const jump = h('input', { type: 'datetime-local', 'aria-label': '跳到（中国时间） jump to' })
  const to = () => {
    if (jump.value === '') return say('先选一个时间 (choose a time first)')
    const seconds = jump.value.length === 16 ? ':00' : ''
    return act('POST', '/clock', { to: `${jump.value}${seconds}+08:00` })
  }
  byId('clock-buttons').replaceChildren(
    named(
      'pause',
      button('暂停 pause', () => act('POST', '/clock', { paused: !last?.clock.paused })),
    ),
    named(
      'step',
      button('下一件 step', () => act('POST', '/clock', { step: true })),
    ),
    button('+1 分钟', () => act('POST', '/clock', { advanceMs: 60_000 })),
    button('+1 小时', () => act('POST', '/clock', { advanceMs: 3_600_000 })),
    button('明天 10:01', () => act('POST', '/clock', { to: tomorrow() }), 'main'),
    h('span', { class: 'jump' }, jump, button('跳到 jump', to)),
  )
  setInterval(tick, 1_000)
}

/** @param {string} name @param {HTMLButtonElement} element */
function named(name, element) {
  element.id = `clock-${name}`
  return element
}

/** Tomorrow's 10:01 in China: when yesterday's bills can be had. */
function tomorrow() {
  const china = Date.parse(last?.clock.now ?? '') + 8 * 3_600_000
  return `${new Date(china + 86_400_000).toISOString().slice(0, 10)}T10:01:00+08:00`
}

/** @param {Clock} clock */
export function drawClock(clock) {
  last = { clock, at: Date.now() }
  byId('clock').classList.toggle('paused', clock.paused)
  byId('offset').textContent =
    `${clock.paused ? '已暂停 paused · ' : ''}虚拟时间 ${clock.offsetMs === 0 ? '= 真实时间' : span(clock.offsetMs)}`
  byId('next').textContent =
    clock.nextDueAt === null ? '没有待办 nothing due' : `下一件 ${time(clock.nextDueAt)}`
  byId('clock-pause').textContent = clock.paused ? '继续 run' : '暂停 pause'
  byId('clock-step').toggleAttribute('disabled', clock.nextDueAt === null)
  tick()
}

/** Whether the sandbox is there, and its clock runs. @param {boolean} isThere */
export function letRun(isThere) {
  isRunning = isThere
}

/** The seconds run on between two pictures. */
function tick() {
  if (last === undefined) return
  const passed = last.clock.paused || !isRunning ? 0 : Date.now() - last.at
  if (!isRunning) return
  byId('time').textContent = fullTime(Date.parse(last.clock.now) + passed)
}
