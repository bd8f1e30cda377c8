/** @module What the bench measures of wxpay-core, from its sources; bundled before it runs, as the package is. */

export { assertPrepayOrder } from '../../../packages/wxpay-core/src/checks.ts'
export { nonce } from '../../../packages/wxpay-core/src/nonce.ts'
export { createNotificationReader } from '../../../packages/wxpay-core/src/notify.ts'
export { createWxpayV2 } from '../../../packages/wxpay-core/src/v2/client.ts'
export { openRefundNotification } from '../../../packages/wxpay-core/src/v2/refund-notification.ts'
export { readReqInfoKey } from '../../../packages/wxpay-core/src/v2/req-info.ts'
export { signedDocument } from '../../../packages/wxpay-core/src/v2/request.ts'
export { unifiedOrder } from '../../../packages/wxpay-core/src/v2/requests.ts'
export { createV2Signer, isSignedBy, joinSorted } from '../../../packages/wxpay-core/src/v2/sign.ts'
export { readFlatXml } from '../../../packages/wxpay-core/src/v2/xml.ts'
export { decryptResource, readApiV3Key } from '../../../packages/wxpay-core/src/v3/aes-gcm.ts'
export { createWxpayV3 } from '../../../packages/wxpay-core/src/v3/client.ts'
export {
  authorization,
  payMessage,
  requestMessage,
  signRsaSha256,
} from '../../../packages/wxpay-core/src/v3/sign.ts'
export { signRsaSha256Async } from '../../../packages/wxpay-core/src/v3/signer.ts'
export { createV3Verifier } from '../../../packages/wxpay-core/src/v3/verifier.ts'
