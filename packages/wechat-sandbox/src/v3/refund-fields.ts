/**
 * @module The fields of the v3 refund calls, with the lengths and characters WeChat Pay documents.
 */
import type { Fields } from './schema.ts'

export const OUT_REFUND_NO = /^[0-9A-Za-z_\-|*@]+$/
const MAX_FEN = 10_000_000_000

const GOODS: Fields = {
  merchant_goods_id: { type: 'string', label: '商户侧商品编码', required: true, max: 32 },
  wechatpay_goods_id: { type: 'string', label: '微信支付商品编码', max: 32 },
  goods_name: { type: 'string', label: '商品名称', max: 256 },
  unit_price: { type: 'integer', label: '商品单价', required: true, min: 0 },
  refund_amount: { type: 'integer', label: '商品退款金额', required: true, min: 0 },
  refund_quantity: { type: 'integer', label: '商品退货数量', required: true, min: 1 },
}

export const REFUND_FIELDS: Fields = {
  transaction_id: { type: 'string', label: '微信支付订单号', max: 32 },
  out_trade_no: { type: 'string', label: '商户订单号', min: 6, max: 32 },
  out_refund_no: { type: 'string', label: '商户退款单号', required: true, max: 64, pattern: OUT_REFUND_NO },
  reason: { type: 'string', label: '退款原因', max: 80 },
  notify_url: { type: 'string', label: '退款结果回调url', max: 256 },
  funds_account: { type: 'string', label: '退款资金来源', values: ['AVAILABLE', 'UNSETTLED'] },
  amount: {
    type: 'object',
    label: '金额信息',
    required: true,
    fields: {
      refund: { type: 'integer', label: '退款金额', required: true, min: 1, max: MAX_FEN },
      from: {
        type: 'array',
        label: '退款出资账户及金额',
        maxItems: 2,
        of: {
          type: 'object',
          label: '出资账户',
          fields: {
            account: {
              type: 'string',
              label: '出资账户类型',
              required: true,
              values: ['AVAILABLE', 'UNAVAILABLE'],
            },
            amount: { type: 'integer', label: '出资金额', required: true, min: 1, max: MAX_FEN },
          },
        },
      },
      total: { type: 'integer', label: '原订单金额', required: true, min: 1, max: MAX_FEN },
      currency: { type: 'string', label: '退款币种', required: true, values: ['CNY'] },
    },
  },
  goods_detail: {
    type: 'array',
    label: '退款商品',
    maxItems: 6000,
    of: { type: 'object', label: '退款商品', fields: GOODS },
  },
}

export const ABNORMAL_FIELDS: Fields = {
  out_refund_no: { type: 'string', label: '商户退款单号', required: true, max: 64, pattern: OUT_REFUND_NO },
  type: {
    type: 'string',
    label: '异常退款处理方式',
    required: true,
    values: ['USER_BANK_CARD', 'MERCHANT_BANK_CARD'],
  },
  bank_type: { type: 'string', label: '开户银行', max: 16 },
  bank_account: { type: 'string', label: '收款银行卡号', max: 1024 },
  real_name: { type: 'string', label: '收款用户姓名', max: 1024 },
}
