/** @module Words and numbers as the page shows them. */

/** @param {number} fen */
export function yuan(fen) {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${fen < 0 ? '-' : ''}¥${whole}.${digits.slice(-2)}`
}

/** Yuan as somebody types them; undefined when they are none. @param {string} text */
export function fenOf(text) {
  const match = /^\s*(\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

/** China time, as WeChat Pay writes it. @param {string | null} instant */
export function time(instant) {
  return instant === null ? '—' : fullTime(Date.parse(instant)).slice(5)
}

/** @param {number} ms */
export function fullTime(ms) {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
}

/** @param {number} ms */
export function span(ms) {
  const sign = ms < 0 ? '-' : '+'
  const total = Math.round(Math.abs(ms) / 1000)
  const [days, hours] = [Math.floor(total / 86_400), Math.floor((total % 86_400) / 3600)]
  const [minutes, seconds] = [Math.floor((total % 3600) / 60), total % 60]
  if (days > 0) return `${sign}${days} d ${hours} h`
  if (hours > 0) return `${sign}${hours} h ${minutes} m`
  return minutes > 0 ? `${sign}${minutes} m ${seconds} s` : `${sign}${seconds} s`
}

/** JSON and WeChat Pay's XML, a member a line. @param {string} text */
export function pretty(text) {
  if (text === '') return '（空 empty）'
  if (text.startsWith('<xml>')) return text.replace(/(^<xml>|<\/\w+>)\s*(?=<)/g, '$1\n')
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** @type {Readonly<Record<string, string>>} */
const KINDS = {
  SUCCESS: 'good',
  REFUND: 'info',
  NOTPAY: 'wait',
  PROCESSING: 'wait',
  ABNORMAL: 'bad',
  delivered: 'good',
  pending: 'wait',
  held: 'wait',
  exhausted: 'bad',
  lost: 'bad',
  forged: 'bad',
}

/** @type {Readonly<Record<string, string>>} */
const WORDS = {
  NOTPAY: '待支付',
  SUCCESS: '成功',
  REFUND: '转入退款',
  CLOSED: '已关闭',
  PROCESSING: '处理中',
  ABNORMAL: '异常',
  delivered: '已送达',
  pending: '待发送',
  held: '扣留',
  exhausted: '已放弃',
  lost: '丢失',
  forged: '伪造',
}

/** @param {string} state */
export const kindOf = (state) => KINDS[state] ?? ''
/** @param {string} state */
export const wordOf = (state) => (WORDS[state] === undefined ? state : `${WORDS[state]} ${state}`)
