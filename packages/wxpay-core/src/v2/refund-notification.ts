/** @module Reads v2 refund notifications: unsigned, encrypted, and therefore hints. */
import type { KeyObject } from 'node:crypto'
import {
  foreignNotification,
  malformedNotification,
  otherNotification,
  sealedNotification,
} from '../notification-errors.ts'
import type { RefundNews } from '../refund.ts'
import { isUtf8 } from '../utf8.ts'
import type { RefundNotificationHead } from './messages.ts'
import { notifiedRefund } from './refund.ts'
import { decryptReqInfo } from './req-info.ts'
import { FlatXmlError, readFlatXml } from './xml.ts'

/**
 * Opens one notification: the outside, whose ids must be ours, then its content.
 *
 * @throws WxpayError `ERR_WXPAY_NOTIFY_*`
 * @throws FlatXmlError when either document is not the one that is described
 */
export function openRefundNotification(
  body: Uint8Array,
  who: { readonly appid: string; readonly mchid: string },
  key: KeyObject,
): RefundNews {
  const head = readFlatXml(body)
  const get = (name: keyof RefundNotificationHead): string | undefined => head.get(name)
  // WeChat's own trouble: it names nobody and nothing. Its text is for people.
  if (get('return_code') === 'FAIL') {
    const apiMessage = get('return_msg')?.slice(0, 256)
    throw malformedNotification('return_code is FAIL: there is no refund in it', { apiMessage })
  }
  if (get('return_code') !== 'SUCCESS') throw new FlatXmlError('return_code is neither SUCCESS nor FAIL')
  const reqInfo = get('req_info')
  if (!reqInfo) throw otherNotification('a refund: there is no req_info')
  if (get('appid') !== who.appid || get('mch_id') !== who.mchid) throw foreignNotification()
  const plain = decryptReqInfo(reqInfo, key)
  // One wrong key in 256 ends in something like a padding; text it is never.
  if (plain === null || !isUtf8(plain)) throw sealedNotification('v2')
  // The sub-merchant is named outside, where nothing protects it: one more reason to ask.
  const subMchid = get('sub_mch_id')
  const refund = notifiedRefund(readFlatXml(plain, 'root'))
  return subMchid ? { ...refund, subMchid } : refund
}
