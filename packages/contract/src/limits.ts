/** @module The bounds that both ends keep to. */

export const LIMITS = {
  /** Lines of one order. */
  orderLines: 50,
  /** Pieces of one line. */
  quantity: 999,
  /** Characters of a remark. */
  remark: 200,
  deliveryName: 40,
  deliveryPhone: 20,
  deliveryAddress: 200,
  refundReason: 80,
  refundDescription: 200,
  rejectReason: 200,
  note: 200,
  proof: 500,
  /** Pictures of one request. */
  evidence: 3,
  /** Bytes of one uploaded picture. */
  uploadBytes: 2 * 1024 * 1024,
  /** Refunds of one order that are not withdrawn, rejected or abandoned. WeChat Pay takes no more. */
  refundsPerOrder: 50,
  /** How long after the payment a refund is possible. */
  refundWindowMs: 365 * 24 * 60 * 60_000,
  /** WeChat Pay wants two refunds of one order this far apart. */
  refundSpacingMs: 60_000,
  /** Rows of one page of a list. */
  pageSize: 20,
  /** Bytes of a JSON body. */
  bodyBytes: 100 * 1024,
  /** A payment is refused when less than this is left before `expiresAt`: WeChat Pay wants `time_expire` a minute ahead. */
  payableBeforeExpiryMs: 60_000,
} as const
