/**
 * @module The members of APIv2 requests, with the lengths (in bytes of UTF-8) and forms WeChat Pay documents.
 */
import { isIP } from 'node:net'

export interface Member {
  readonly max: number
  readonly required?: boolean
  readonly accepts?: (value: string) => boolean
}

export type Members = Readonly<Record<string, Member>>

const oneOf =
  (...values: string[]) =>
  (value: string): boolean =>
    values.includes(value)
const isJson = (value: string): boolean => {
  try {
    return typeof JSON.parse(value) === 'object'
  } catch {
    return false
  }
}

// Some pages leave out the @: the sandbox takes the widest set that is documented.
const OUT_TRADE_NO = /^[0-9A-Za-z_\-|*@]+$/

const COMMON: Members = {
  appid: { max: 32, required: true },
  mch_id: { max: 32, required: true },
  nonce_str: { max: 32, required: true },
  sign: { max: 64, required: true },
  sign_type: { max: 32 },
  version: { max: 32 },
}

export const UNIFIEDORDER: Members = {
  ...COMMON,
  device_info: { max: 32 },
  body: { max: 128, required: true },
  detail: { max: 6000, accepts: isJson },
  attach: { max: 127 },
  out_trade_no: { max: 32, required: true, accepts: (value) => OUT_TRADE_NO.test(value) },
  fee_type: { max: 16, accepts: oneOf('CNY') },
  total_fee: { max: 11, required: true, accepts: (value) => /^[1-9]\d{0,10}$/.test(value) },
  spbill_create_ip: { max: 64, required: true, accepts: (value) => isIP(value) !== 0 },
  time_start: { max: 14, accepts: (value) => /^\d{14}$/.test(value) },
  time_expire: { max: 14, accepts: (value) => /^\d{14}$/.test(value) },
  goods_tag: { max: 32 },
  notify_url: { max: 256, required: true },
  trade_type: { max: 16, required: true, accepts: oneOf('JSAPI', 'NATIVE', 'APP', 'MWEB') },
  product_id: { max: 32 },
  limit_pay: { max: 32, accepts: oneOf('no_credit') },
  openid: { max: 128 },
  receipt: { max: 8, accepts: oneOf('Y', 'N') },
  profit_sharing: { max: 1, accepts: oneOf('Y', 'N') },
  scene_info: { max: 256, accepts: isJson },
}

const OUT_REFUND_NO = OUT_TRADE_NO
const isFen = (value: string): boolean => /^[1-9]\d{0,10}$/.test(value)

export const REFUND: Members = {
  ...COMMON,
  transaction_id: { max: 32 },
  out_trade_no: { max: 32 },
  out_refund_no: { max: 64, required: true, accepts: (value) => OUT_REFUND_NO.test(value) },
  total_fee: { max: 11, required: true, accepts: isFen },
  refund_fee: { max: 11, required: true, accepts: isFen },
  refund_fee_type: { max: 8, accepts: oneOf('CNY') },
  refund_desc: { max: 80 },
  refund_account: {
    max: 30,
    accepts: oneOf('REFUND_SOURCE_UNSETTLED_FUNDS', 'REFUND_SOURCE_RECHARGE_FUNDS'),
  },
  notify_url: { max: 256 },
}

export const REFUNDQUERY: Members = {
  ...COMMON,
  transaction_id: { max: 32 },
  out_trade_no: { max: 32 },
  out_refund_no: { max: 64 },
  refund_id: { max: 32 },
  offset: { max: 4, accepts: (value) => /^\d{1,4}$/.test(value) },
}

export const ORDERQUERY: Members = { ...COMMON, transaction_id: { max: 32 }, out_trade_no: { max: 32 } }
export const CLOSEORDER: Members = { ...COMMON, out_trade_no: { max: 32, required: true } }

export const DOWNLOADBILL: Members = {
  ...COMMON,
  bill_date: { max: 8, required: true, accepts: (value) => /^\d{8}$/.test(value) },
  bill_type: { max: 16 },
  tar_type: { max: 8, accepts: oneOf('GZIP') },
}

export const DOWNLOADFUNDFLOW: Members = {
  ...DOWNLOADBILL,
  account_type: { max: 16, required: true },
}

export type MemberProblem = { readonly name: string; readonly problem: 'missing' | 'length' | 'form' }

/** The first member that breaks its rule. Members that aren't in the table are only signed, never judged. */
export function findProblem(table: Members, fields: ReadonlyMap<string, string>): MemberProblem | undefined {
  for (const [name, member] of Object.entries(table)) {
    const value = fields.get(name) ?? ''
    if (value === '') {
      if (member.required === true) return { name, problem: 'missing' }
      continue
    }
    if (Buffer.byteLength(value) > member.max) return { name, problem: 'length' }
    if (member.accepts !== undefined && !member.accepts(value)) return { name, problem: 'form' }
  }
  return undefined
}
