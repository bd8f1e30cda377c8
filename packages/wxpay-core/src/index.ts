/** @module WeChat Pay for mini-programs, APIv2 and APIv3: everything public. */
export { type Advice, adviceOn, type CallKind } from './advice.ts'
export type {
  Bill,
  BillSource,
  FundFlowBill,
  FundFlowBillQuery,
  FundFlowBillRow,
  FundFlowBillTotals,
  TradeBill,
  TradeBillQuery,
  TradeBillRow,
  TradeBillTotals,
} from './bill.ts'
export type {
  CloseResult,
  ConnectionConfig,
  OrderedGoods,
  PaymentParams,
  Prepaid,
  PrepayOrder,
  SubMerchant,
  WxpayClient,
} from './client.ts'
export { cutUtf8 } from './cut-utf8.ts'
export {
  WxpayError,
  type WxpayErrorCode,
  type WxpayErrorCodeOf,
  type WxpayErrorDetails,
  type WxpayOutcome,
  wxpayOutcomes,
} from './errors.ts'
export { nonce } from './nonce.ts'
export {
  type Acknowledgement,
  acknowledge,
  createNotificationReader,
  type NotificationHeaders,
  type NotificationInput,
  type NotificationReader,
  type NotificationReaderConfig,
  notificationApi,
  type PaymentNotification,
  type RefundNotification,
} from './notify.ts'
export {
  type AbnormalRefund,
  knownRefundStatuses,
  type RefundedCoupon,
  type RefundedTrade,
  type RefundNews,
  type RefundOrder,
  type RefundReport,
  type RefundStatus,
  type RefundTerms,
  refundStatusOf,
} from './refund.ts'
export { type RetryPolicy, withRetries } from './retries.ts'
export { type Coupon, knownTradeStates, type Trade, type TradeState, tradeStateOf, wasPaid } from './trade.ts'
export { defaultBackupUrl, defaultBaseUrl } from './transport.ts'
export { createWxpayV2, type WxpayV2Client, type WxpayV2Config } from './v2/client.ts'
export type * as v2 from './v2/messages.ts'
export { decryptReqInfo, readReqInfoKey } from './v2/req-info.ts'
export { signV2, type V2SignType, type V2Value } from './v2/sign.ts'
export { FlatXmlError, readFlatXml, writeFlatXml } from './v2/xml.ts'
export { decryptResource, type EncryptedResource, readApiV3Key } from './v3/aes-gcm.ts'
export { createWxpayV3, type WxpayV3Client, type WxpayV3Config } from './v3/client.ts'
export type * as v3 from './v3/messages.ts'
export { encryptField } from './v3/oaep.ts'
export {
  authorization,
  payMessage,
  requestMessage,
  type SignedRequest,
  signRsaSha256,
  verifyRsaSha256,
} from './v3/sign.ts'
export { signRsaSha256Async } from './v3/signer.ts'
export {
  createV3Verifier,
  type Doubt,
  type SignedMessage,
  toleranceSeconds,
  type V3Verifier,
  type V3VerifierConfig,
  type Verdict,
} from './v3/verifier.ts'
export { version } from './version.ts'
export { fenOfYuan, yuanOfFen } from './yuan.ts'
