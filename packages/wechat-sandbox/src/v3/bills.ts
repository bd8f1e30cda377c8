/**
 * @module APIv3 bills: apply for a trade bill (申请交易账单) or a fund flow bill (申请资金账单), and download the file.
 */
import {
  type BillRefusal,
  drawUp,
  openOrder,
  orderBill,
  sealOrder,
  type WantedBill,
} from '../bills/bill-office.ts'
import type { Core } from '../core.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'

export const TRADE_BILL_PATH = '/v3/bill/tradebill'
export const FUND_BILL_PATH = '/v3/bill/fundflowbill'
export const DOWNLOAD_PATH = '/v3/billdownload/file'

export function applyForTradeBill(core: Core, query: URLSearchParams, origin: string): V3Answer {
  const type = oneOf(query, 'bill_type', '账单类型', ['ALL', 'SUCCESS', 'REFUND'])
  if (typeof type === 'object') return type
  return apply(core, query, origin, TRADE_BILL_PATH, (date) => ({ kind: 'trade', date, type: type ?? 'ALL' }))
}

export function applyForFundBill(core: Core, query: URLSearchParams, origin: string): V3Answer {
  const account = oneOf(query, 'account_type', '资金账户类型', ['BASIC', 'OPERATION', 'FEES'])
  if (typeof account === 'object') return account
  return apply(core, query, origin, FUND_BILL_PATH, (date) => ({
    kind: 'fund',
    date,
    account: account ?? 'BASIC',
  }))
}

/** The file itself; its answer carries no signature. */
export function downloadBill(core: Core, tokens: readonly string[]): V3Answer {
  const [token = ''] = tokens
  const order = tokens.length === 1 ? openOrder(core, token) : undefined
  if (order === undefined) return queryError('token', token, 'invalid value', '下载令牌无效')
  if (order === 'expired')
    return errorAnswer(400, 'INVALID_REQUEST', '账单下载地址已失效（有效期5分钟），请重新申请账单')
  const file = drawUp(core, order)
  if (file === undefined) return queryError('token', token, 'invalid value', '下载令牌无效')
  return {
    kind: 'file',
    status: 200,
    contentType: order.isGzip ? 'application/gzip' : 'text/plain; charset=utf-8',
    content: file.bytes,
  }
}

function apply(
  core: Core,
  query: URLSearchParams,
  origin: string,
  path: string,
  wanted: (date: string) => WantedBill,
): V3Answer {
  const dates = query.getAll('bill_date')
  const [date = ''] = dates
  if (dates.length !== 1 || date === '')
    return queryError('bill_date', undefined, 'required', '账单日期为必填项')
  const tarType = oneOf(query, 'tar_type', '压缩类型', ['GZIP'])
  if (typeof tarType === 'object') return tarType
  const ordered = orderBill(core, path, wanted(date), tarType === 'GZIP')
  if (!ordered.ok) return refuse(ordered.why, date)
  const file = drawUp(core, ordered.order)
  if (file === undefined) return refuse('no-such-day', date)
  const suffix = tarType === 'GZIP' ? '&tartype=gzip' : ''
  return {
    kind: 'json',
    status: 200,
    body: {
      hash_type: 'SHA1',
      hash_value: file.sha1,
      download_url: `${origin}${DOWNLOAD_PATH}?token=${sealOrder(core, ordered.order)}${suffix}`,
    },
  }
}

function refuse(why: BillRefusal, date: string): V3Answer {
  switch (why) {
    case 'no-such-day':
      return queryError('bill_date', date, 'invalid value', '账单日期格式错误，应为yyyy-MM-DD')
    case 'not-over':
      return errorAnswer(400, 'INVALID_REQUEST', '账单日期必须早于当日')
    case 'too-old':
      return errorAnswer(400, 'INVALID_REQUEST', '仅支持三个月内的账单下载申请')
    case 'creating':
      return errorAnswer(400, 'STATEMENT_CREATING', '账单生成中，请于10点后重试')
    case 'none':
      return errorAnswer(400, 'NO_STATEMENT_EXIST', '请求的账单文件不存在')
  }
}

/** The member's value, undefined when it is absent, or the refusal of any other. */
function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  label: string,
  values: readonly T[],
): T | undefined | V3Answer {
  const given = query.getAll(name).filter((value) => value !== '')
  if (given.length === 0) return undefined
  const value = given.length === 1 ? values.find((one) => one === given[0]) : undefined
  return value ?? queryError(name, given[0], 'enum', `枚举字段“${label}”规则校验失败，不是可选的值`)
}

function queryError(name: string, value: string | undefined, issue: string, message: string): V3Answer {
  return parameterError({
    location: 'query',
    field: `/${name}`,
    value: value?.slice(0, 64),
    issue,
    message: `输入源“/query/${name}”${message}`,
  })
}
