/** @module Gets bills over APIv3: a signed answer names a file and its hash, and the file must fit. */
import { malformedAs, nullIf, refusedWith } from '../answer-errors.ts'
import type { Bill, FundFlowBill, FundFlowBillQuery, TradeBill, TradeBillQuery } from '../bill.ts'
import { type BillForm, billLimits, openBill } from '../bill-file.ts'
import { fundFlowBills, tradeBills } from '../bill-rows.ts'
import { assertBillQuery, urlOf } from '../checks.ts'
import type { SubMerchant } from '../client.ts'
import { JsonShapeError, textOf } from '../json.ts'
import type { V3Caller } from './caller.ts'
import type { BillAnswer } from './messages.ts'
import { subMchid } from './requests.ts'

/** 申请交易账单, 下载账单. */
export async function tradeBill(
  caller: V3Caller,
  sub: SubMerchant | undefined,
  query: TradeBillQuery,
): Promise<TradeBill | null> {
  return fetchBill(caller, sub, query, 'tradebill', { bill_type: query.type ?? 'ALL' }, tradeBills)
}

/** 申请资金账单, 下载账单. */
export async function fundFlowBill(
  caller: V3Caller,
  sub: SubMerchant | undefined,
  query: FundFlowBillQuery,
): Promise<FundFlowBill | null> {
  return fetchBill(
    caller,
    sub,
    query,
    'fundflowbill',
    { account_type: query.account ?? 'BASIC' },
    fundFlowBills,
  )
}

async function fetchBill<Row, Totals>(
  caller: V3Caller,
  sub: SubMerchant | undefined,
  query: TradeBillQuery | FundFlowBillQuery,
  kind: 'tradebill' | 'fundflowbill',
  more: Readonly<Record<string, string>>,
  form: BillForm<Row, Totals>,
): Promise<Bill<Row, Totals> | null> {
  assertBillQuery(query)
  const asked = { bill_date: query.date, ...subMchid(sub), ...more, tar_type: 'GZIP' }
  const found = await askForBill(caller, `/v3/bill/${kind}?${new URLSearchParams(asked)}`)
  if (found === null) return null
  const file = await caller.download(found.where, billLimits)
  return openBill(file, form, found.sha1)
}

/** Where the file is and what its hash is; null when there is none. */
function askForBill(caller: V3Caller, path: string) {
  const isNoBill = (error: unknown) => refusedWith(error) === 'NO_STATEMENT_EXIST'
  return nullIf(isNoBill, async () => {
    const answer = await caller.call('GET', path)
    return malformedAs(answer, () => {
      const text = (name: keyof BillAnswer): string => textOf(answer.json, name)
      const where = pathOf(text('download_url'))
      const sha1 = text('hash_value')
      if (text('hash_type') !== 'SHA1' || !/^[0-9A-Fa-f]{40}$/.test(sha1) || where === undefined) {
        throw new JsonShapeError('no SHA1 hash or no address of a file')
      }
      return { where, sha1 }
    })
  })
}

/**
 * The signed request goes to the host that was configured, whatever host the answer names: an address is no reason to
 * show our Authorization to somebody else.
 */
function pathOf(address: string): string | undefined {
  const url = urlOf(address)
  return url?.pathname.startsWith('/v3/') ? `${url.pathname}${url.search}` : undefined
}
