/** @module The words both ends share. This entry carries no schema library, so a mini-program can afford it. */
export * from './errors.ts'
export * from './limits.ts'
export * from './money.ts'
export * from './routes.ts'
export type {
  AttentionItem,
  CallBody,
  CallData,
  CallParams,
  CallQuery,
  CatalogueRow,
  Delivery,
  LedgerEntry,
  Me,
  MessageTemplates,
  Order,
  OrderItem,
  PaymentParams,
  Product,
  Refund,
  RefundWithOrder,
  ReturnTerms,
  Session,
  StaffMember,
  Transfer,
  Upload,
} from './schemas.ts'
export * from './states.ts'
