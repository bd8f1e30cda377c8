/**
 * @module APIv2 bills: downloadbill (下载交易账单) and downloadfundflow (下载资金账单); the answer is the file itself.
 */
import { type BillFile, type BillRefusal, drawUp, orderBill, type WantedBill } from '../bills/bill-office.ts'
import type { Core } from '../core.ts'
import type { SignType } from '../state/tables.ts'
import { resultFail, type V2Answer } from './answer.ts'
import type { MemberProblem } from './members.ts'
import type { Fields } from './xml.ts'

export const DOWNLOADBILL_PATH = '/pay/downloadbill'
export const DOWNLOADFUNDFLOW_PATH = '/pay/downloadfundflow'

type Made = { readonly ok: true; readonly file: BillFile } | { readonly ok: false; readonly why: BillRefusal }

export function downloadBill(core: Core, fields: Fields): V2Answer {
  const type = fields.get('bill_type') || 'ALL'
  // Coupons that were topped up don't exist here, so their refunds' bill is always empty.
  if (type === 'RECHARGE_REFUND') return billFail('none')
  if (type !== 'ALL' && type !== 'SUCCESS' && type !== 'REFUND') return tradeBillFail('invalid bill_type')
  const made = make(core, fields, DOWNLOADBILL_PATH, (date) => ({ kind: 'trade', date, type }))
  return made.ok ? fileAnswer(made.file, fields) : billFail(made.why)
}

export function downloadFundFlow(core: Core, fields: Fields, signType: SignType): V2Answer {
  if (signType !== 'HMAC-SHA256') return fundBillFail('SIGNERROR', '该接口签名类型仅支持HMAC-SHA256')
  const account = (['BASIC', 'OPERATION', 'FEES'] as const).find(
    (name) => name === (fields.get('account_type') ?? '').toUpperCase(),
  )
  if (account === undefined) return fundBillFail('PARAM_ERROR', 'account_type参数有误')
  const made = make(core, fields, DOWNLOADFUNDFLOW_PATH, (date) => ({ kind: 'fund', date, account }))
  if (made.ok) return fileAnswer(made.file, fields)
  switch (made.why) {
    case 'creating':
      return fundBillFail('BILL_CREATING', 'Bill Creating')
    case 'no-such-day':
      return fundBillFail('PARAM_ERROR', 'bill_date参数格式有误')
    default:
      return fundBillFail('NO_BILL_EXIST', 'No Bill Exist')
  }
}

function make(core: Core, fields: Fields, path: string, wanted: (date: string) => WantedBill): Made {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(fields.get('bill_date') ?? '')
  if (compact === null) return { ok: false, why: 'no-such-day' }
  const date = compact.slice(1).join('-')
  const ordered = orderBill(core, path, wanted(date), fields.get('tar_type') === 'GZIP')
  if (!ordered.ok) return ordered
  const file = drawUp(core, ordered.order)
  return file === undefined ? { ok: false, why: 'no-such-day' } : { ok: true, file }
}

function fileAnswer({ bytes, sha1 }: BillFile, fields: Fields): V2Answer {
  const contentType = fields.get('tar_type') === 'GZIP' ? 'application/x-gzip' : 'text/plain'
  return { kind: 'file', contentType, content: bytes, digest: `SHA=${sha1}` }
}

// Of the numbers in error_code only some are known: clients are told to go by return_msg.
function billFail(why: BillRefusal): V2Answer {
  switch (why) {
    case 'creating':
      return tradeBillFail('Bill Creating', '20003')
    case 'no-such-day':
      return tradeBillFail('data format error', '20001')
    default:
      return tradeBillFail('No Bill Exist', '20002')
  }
}

export function tradeBillFail(message: string, errorCode = '20001'): V2Answer {
  return {
    kind: 'bill-fail',
    members: { return_code: 'FAIL', return_msg: message, error_code: errorCode },
  }
}

// The page lists no sign among the members of this refusal; a signed one is understood by both kinds of client.
function fundBillFail(code: string, message: string): V2Answer {
  return resultFail('HMAC-SHA256', code, message)
}

/** downloadbill words its refusals in English, unlike every other call. */
export function tradeBillProblem(problem: MemberProblem['problem'] | 'sign'): V2Answer {
  if (problem === 'sign') return tradeBillFail('SIGN ERROR')
  return tradeBillFail(problem === 'missing' ? 'missing parameter' : 'data format error')
}
