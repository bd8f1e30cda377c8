/**
 * @module The fields of POST /v3/pay/transactions/jsapi, with the lengths and characters WeChat Pay documents.
 */
import type { Fields } from './schema.ts'

const GOODS: Fields = {
  merchant_goods_id: { type: 'string', label: '商户侧商品编码', required: true, max: 32 },
  wechatpay_goods_id: { type: 'string', label: '微信侧商品编码', max: 32 },
  goods_name: { type: 'string', label: '商品名称', max: 256 },
  quantity: { type: 'integer', label: '商品数量', required: true, min: 1 },
  unit_price: { type: 'integer', label: '商品单价', required: true, min: 0 },
}

const IDENTITY: Fields = {
  type: { type: 'string', label: '证件类型', required: true, max: 32 },
  number: { type: 'string', label: '加密后的证件号', required: true },
  name: { type: 'string', label: '加密后的姓名', required: true },
}

const SUBSIDY: Fields = {
  subsidy_period_type: { type: 'string', label: '贴息方案类型', required: true, values: ['DAILY', 'PERIOD'] },
  subsidy_plan: {
    type: 'array',
    label: '贴息方案列表',
    required: true,
    of: {
      type: 'object',
      label: '贴息方案',
      fields: {
        subsidy_installment_num: { type: 'integer', label: '贴息期数', required: true },
        subsidy_percent: { type: 'integer', label: '贴息比例', required: true, min: 0, max: 100 },
      },
    },
  },
}

export const OUT_TRADE_NO = /^[0-9A-Za-z_\-*|]+$/

export const JSAPI_FIELDS: Fields = {
  appid: { type: 'string', label: '公众号ID', required: true, max: 32 },
  mchid: { type: 'string', label: '直连商户号', required: true, max: 32 },
  description: { type: 'string', label: '商品描述', required: true, max: 127 },
  out_trade_no: {
    type: 'string',
    label: '商户订单号',
    required: true,
    min: 6,
    max: 32,
    pattern: OUT_TRADE_NO,
  },
  time_expire: { type: 'string', label: '交易结束时间', max: 64 },
  attach: { type: 'string', label: '附加数据', min: 0, max: 128 },
  notify_url: { type: 'string', label: '通知地址', required: true, max: 255 },
  goods_tag: { type: 'string', label: '订单优惠标记', min: 0, max: 32 },
  support_fapiao: { type: 'boolean', label: '电子发票入口开放标识' },
  amount: {
    type: 'object',
    label: '订单金额',
    required: true,
    fields: {
      total: { type: 'integer', label: '总金额', required: true, min: 1, max: 10_000_000_000 },
      currency: { type: 'string', label: '货币类型', values: ['CNY'] },
    },
  },
  payer: {
    type: 'object',
    label: '支付者',
    required: true,
    fields: {
      openid: { type: 'string', label: '用户标识', required: true, max: 128 },
      identity: { type: 'object', label: '实名支付', fields: IDENTITY },
    },
  },
  detail: {
    type: 'object',
    label: '优惠功能',
    fields: {
      cost_price: { type: 'integer', label: '订单原价', min: 0 },
      invoice_id: { type: 'string', label: '商品小票ID', max: 32 },
      goods_detail: {
        type: 'array',
        label: '单品列表',
        maxItems: 6000,
        of: { type: 'object', label: '单品', fields: GOODS },
      },
    },
  },
  scene_info: {
    type: 'object',
    label: '场景信息',
    fields: {
      payer_client_ip: { type: 'string', label: '用户终端IP', max: 45 },
      device_id: { type: 'string', label: '商户端设备号', max: 32 },
      store_info: {
        type: 'object',
        label: '商户门店信息',
        fields: {
          id: { type: 'string', label: '门店编号', max: 32 },
          name: { type: 'string', label: '门店名称', required: true, max: 256 },
          area_code: { type: 'string', label: '地区编码', max: 32 },
          address: { type: 'string', label: '详细地址', required: true, max: 512 },
        },
      },
    },
  },
  settle_info: {
    type: 'object',
    label: '结算信息',
    fields: { profit_sharing: { type: 'boolean', label: '是否指定分账' } },
  },
  limit_pay: { type: 'array', label: '指定支付方式', of: { type: 'string', label: '指定支付方式', max: 32 } },
  subsidy_info: {
    type: 'object',
    label: '贴息信息',
    fields: {
      subsidy_detail: {
        type: 'array',
        label: '贴息详情列表',
        of: { type: 'object', label: '贴息详情', fields: SUBSIDY },
      },
    },
  },
}

export const CLOSE_FIELDS: Fields = {
  mchid: { type: 'string', label: '直连商户号', required: true, max: 32 },
}
