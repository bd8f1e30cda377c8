/** @module Gets bills over APIv2: the file itself comes back, or XML that says why not. Neither is signed. */
import { malformed, nullIf } from '../answer-errors.ts'
import type { Bill, FundFlowBill, FundFlowBillQuery, TradeBill, TradeBillQuery } from '../bill.ts'
import { type BillForm, maxBillBytes, openBill } from '../bill-file.ts'
import { fundFlowBills, tradeBills } from '../bill-rows.ts'
import { assertBillQuery } from '../checks.ts'
import { WxpayError } from '../errors.ts'
import { nonce } from '../nonce.ts'
import type { WireAnswer } from '../transport.ts'
import { believeV2 } from './answer.ts'
import type { V2Caller } from './caller.ts'
import type { DownloadBillRequest, DownloadFundFlowRequest } from './messages.ts'

/** Whose bill. */
type Ids = Pick<DownloadBillRequest, 'appid' | 'mch_id' | 'sub_appid' | 'sub_mch_id'>

const limits = { maxBytes: maxBillBytes, timeoutMs: 5 * 60 * 1000 }

/** 下载交易账单 */
export async function tradeBill(
  caller: V2Caller,
  ids: Ids,
  query: TradeBillQuery,
): Promise<TradeBill | null> {
  assertBillQuery(query)
  const request = {
    ...common(ids, query.date),
    sign_type: caller.signer.signType,
    bill_type: query.type ?? 'ALL',
  } as const satisfies DownloadBillRequest
  const answer = await caller.download('/pay/downloadbill', request, limits)
  return billIn(answer, caller, ids, tradeBills)
}

/** 下载资金账单 */
export async function fundFlowBill(
  caller: V2Caller,
  ids: Ids,
  query: FundFlowBillQuery,
): Promise<FundFlowBill | null> {
  assertBillQuery(query)
  caller.assertIdentity('APIv2 fund-flow bills')
  const request = {
    ...common(ids, query.date),
    sign_type: 'HMAC-SHA256',
    account_type: accountTypes[query.account ?? 'BASIC'],
  } as const satisfies DownloadFundFlowRequest
  const answer = await caller.download('/pay/downloadfundflow', request, limits, 'mutual')
  return billIn(answer, caller, ids, fundFlowBills)
}

const accountTypes = { BASIC: 'Basic', OPERATION: 'Operation', FEES: 'Fees' } as const

function common(ids: Ids, date: string) {
  return { ...ids, nonce_str: nonce(), bill_date: date.replaceAll('-', ''), tar_type: 'GZIP' } as const
}

async function billIn<Row, Totals>(
  answer: WireAnswer,
  caller: V2Caller,
  ids: Ids,
  form: BillForm<Row, Totals>,
): Promise<Bill<Row, Totals> | null> {
  // A table begins with a byte order mark or a Chinese word, a compressed one with 0x1f: only errors begin like this.
  const isDocument =
    answer.status !== 200 || answer.body.subarray(0, 16).toString('latin1').trim().startsWith('<')
  if (!isDocument) return openBill(answer.body, form)
  // The page prints it in two ways; nothing else tells this answer from others.
  const isNoBill = (error: unknown) =>
    error instanceof WxpayError && /^no bill exist$/i.test(error.apiMessage ?? '')
  return nullIf(isNoBill, async () => {
    believeV2(answer, caller.signer, ids)
    throw malformed({ httpStatus: answer.status }, 'an answer without a bill')
  })
}
