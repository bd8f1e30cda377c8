/**
 * @module Values of subscribe messages, cut to what the platform takes of each kind: one bad value and the whole
 * message is refused (47003).
 *
 * @see 发送订阅消息, 订阅消息参数值内容限制说明, developers.weixin.qq.com, checked 2026-11
 */
interface Value {
  readonly value: string
}

/** 事物: at most 20 characters, one line, not empty. */
export const thing = (text: string): Value => {
  const line = text.replace(/\s+/g, ' ').trim()
  const characters = [...line]
  if (characters.length === 0) return { value: '无' }
  return { value: characters.length <= 20 ? line : `${characters.slice(0, 19).join('')}…` }
}

/** 字符串: at most 32 digits, letters and symbols. */
export const characterString = (text: string): Value => {
  const plain = text.replace(/[^\x21-\x7e]/g, '').slice(0, 32)
  return { value: plain === '' ? '-' : plain }
}

/** 汉字: at most 5 Chinese characters. */
export const phrase = (text: string): Value => ({ value: [...text].slice(0, 5).join('') })

/** 金额: a currency sign and at most 10 digits. */
export const amount = (fen: number): Value => ({
  value: `¥${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`,
})

/** 时间, as clocks in China show it. */
export const time = (at: number): Value => {
  const china = new Date(at + CHINA_MS)
  const two = (part: number): string => String(part).padStart(2, '0')
  const date = `${china.getUTCFullYear()}年${china.getUTCMonth() + 1}月${china.getUTCDate()}日`
  return { value: `${date} ${two(china.getUTCHours())}:${two(china.getUTCMinutes())}` }
}

/** All of China is eight hours ahead of UTC, all year. */
const CHINA_MS = 8 * 60 * 60_000

/** RFC 3339 with milliseconds and China's offset, as `upload_time` wants it. */
export const chinaRfc3339 = (at: number): string =>
  new Date(at + CHINA_MS).toISOString().replace('Z', '+08:00')
