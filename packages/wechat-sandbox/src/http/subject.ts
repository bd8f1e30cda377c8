/**
 * @module What a request is about, read without trusting it: faults are matched by it before any check.
 */
import type { Core } from '../core.ts'
import { isRecord, parseJson } from '../json.ts'
import { readXml } from '../v2/xml.ts'

export interface Subject {
  readonly outTradeNo: string | undefined
  readonly outRefundNo: string | undefined
}

/** A request that is about no order, or that nobody could read. */
export const NO_SUBJECT: Subject = { outTradeNo: undefined, outRefundNo: undefined }

interface Named {
  readonly outTradeNo?: string | undefined
  readonly outRefundNo?: string | undefined
  readonly transactionId?: string | undefined
  readonly refundId?: string | undefined
}

const V3_TRADE = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)/
const V3_TRANSACTION = /^\/v3\/pay\/transactions\/id\/([^/]+)/
const V3_REFUND = /^\/v3\/refund\/domestic\/refunds\/([^/]+)(\/apply-abnormal-refund)?/

export function subjectOfV3(core: Core, path: string, body: Buffer): Subject {
  const said = fromMembers(membersOfJson(body))
  const refund = V3_REFUND.exec(path)
  const isAbnormal = refund?.[2] !== undefined
  return complete(core, {
    ...said,
    ...known('outTradeNo', decode(V3_TRADE.exec(path)?.[1])),
    ...known('transactionId', decode(V3_TRANSACTION.exec(path)?.[1])),
    ...known(isAbnormal ? 'refundId' : 'outRefundNo', decode(refund?.[1])),
  })
}

export function subjectOfV2(core: Core, body: Buffer): Subject {
  const reading = readXml(body)
  return complete(
    core,
    fromMembers((name) => (reading.ok ? reading.fields.get(name) : undefined)),
  )
}

/**
 * The calls of api.weixin.qq.com name an order inside order_key, by merchant_trade_no, or by an order_id that may be either
 * number. Of several at once the first one counts.
 */
export function subjectOfApi(core: Core, body: Buffer): Subject {
  const json = parseJson(body)
  const member = membersOf(json)
  const parts = isRecord(json) && Array.isArray(json.sub_orders) ? json.sub_orders : [json]
  const [first]: unknown[] = parts
  const key = membersOf(isRecord(first) ? first.order_key : undefined)
  const either = member('order_id')
  const isTradeNo = either !== undefined && core.store.get('trade', either) !== undefined
  return complete(core, {
    ...fromMembers(key),
    ...known('outTradeNo', member('merchant_trade_no') ?? (isTradeNo ? either : undefined)),
    ...known('transactionId', member('transaction_id') ?? either),
  })
}

type Members = (name: string) => string | undefined

function fromMembers(member: Members): Named {
  return {
    outTradeNo: member('out_trade_no'),
    outRefundNo: member('out_refund_no'),
    transactionId: member('transaction_id'),
    refundId: member('refund_id'),
  }
}

function membersOfJson(body: Buffer): Members {
  return membersOf(parseJson(body))
}

function membersOf(json: unknown): Members {
  return (name) => {
    const value = isRecord(json) ? json[name] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
}

function known(name: keyof Named, value: string | undefined): Named {
  return value === undefined ? {} : { [name]: value }
}

/** A refund or a transaction leads to its order, so that a fault for the order strikes all calls about it. */
function complete({ store }: Core, named: Named): Subject {
  const outRefundNo =
    named.outRefundNo ??
    (named.refundId === undefined ? undefined : store.get('refundNumber', named.refundId)?.outRefundNo)
  const outTradeNo =
    named.outTradeNo ??
    (named.transactionId === undefined
      ? undefined
      : store.get('transaction', named.transactionId)?.outTradeNo) ??
    (outRefundNo === undefined ? undefined : store.get('refund', outRefundNo)?.outTradeNo)
  return { outTradeNo, outRefundNo }
}

function decode(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
