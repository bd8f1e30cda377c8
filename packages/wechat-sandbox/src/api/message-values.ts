/**
 * @module What a value of a subscribe message may be: its kind is in the name (`thing1`, `amount2`), the limits are WeChat's.
 */

const characters = (text: string): number => [...text].length
const upTo =
  (max: number) =>
  (text: string): boolean =>
    characters(text) <= max

const KINDS: Readonly<Record<string, (value: string) => boolean>> = {
  thing: upTo(20),
  number: (value) => /^-?\d+(\.\d+)?$/.test(value) && value.replace(/\D/g, '').length <= 32,
  letter: (value) => /^[A-Za-z]{1,32}$/.test(value),
  symbol: (value) => !/[\p{L}\p{N}\s]/u.test(value) && characters(value) <= 5,
  character_string: (value) => /^[\x21-\x7e]{1,32}$/.test(value),
  time: (value) => isDate(value) || isClockTime(value),
  date: (value) => isDate(value) || isClockTime(value),
  amount: (value) => /^\D?\d{1,10}(\.\d+)?元?$/u.test(value),
  phone_number: (value) => /^[0-9+\-() ]{1,17}$/.test(value),
  car_number: upTo(8),
  name: (value) => (/^[\x20-\x7e]+$/.test(value) ? value.length <= 20 : characters(value) <= 10),
  phrase: (value) => /^\p{Script=Han}{1,5}$/u.test(value),
}

/** Whether the member's name is of a known kind and the value within its limits. */
export function isMessageValue(name: string, value: string): boolean {
  const kind = /^([a-z_]+?)\d+$/.exec(name)?.[1]
  return kind !== undefined && Object.hasOwn(KINDS, kind) && value !== '' && KINDS[kind]?.(value) === true
}

const DATE = String.raw`\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})`
const TIME = String.raw`\d{1,2}:\d{2}(:\d{2})?`

function isDate(value: string): boolean {
  return new RegExp(`^${DATE}( ${TIME})?$`).test(value)
}

function isClockTime(value: string): boolean {
  return new RegExp(`^${TIME}$`).test(value)
}
