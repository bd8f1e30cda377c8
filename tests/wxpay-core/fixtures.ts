/** @module Test keys and certificates, and the identity that the tests pretend to be. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Text of a file beside `fixtures/make.mjs`, which made it. */
export function fixture(name: string): string {
  return readFileSync(join(__dirname, 'fixtures', name), 'utf8')
}

export const appid = 'wx8888888888888888'
export const mchid = '1900000001'
export const v2Key = '0123456789abcdef0123456789ABCDEF'
export const apiV3Key = 'apiv3KEY0123456789apiv3KEY012345'
export const merchantSerialNo = '3775B6A45ACD588826D15E583A95F5DD000001'
export const platformSerialA = '5157F09EFDC096DE15EBE81A47057A72000001'
export const platformSerialB = '5157F09EFDC096DE15EBE81A47057A72000002'
export const publicKeyId = 'PUB_KEY_ID_0119000000012026112300000000000001'

/** 2026-11-23T04:00:00Z, noon in China. */
export const noon = 1_795_406_400_000

export const anOrder = {
  outTradeNo: 'order-20261123-1',
  description: '手冲咖啡豆 250 克',
  totalFen: 6_800,
  payerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  notifyUrl: 'https://shop.example.com/wxpay/notify/payment',
  payerClientIp: '203.0.113.7',
} as const

export const aRefundOrder = {
  outRefundNo: 'refund-20261123-1',
  transactionId: '4200002026112300000000000001',
  outTradeNo: 'order-20261123-1',
  refundFen: 2_000,
  totalFen: 6_800,
  reason: '杯子碎了',
  notifyUrl: 'https://shop.example.com/wxpay/notify/refund',
} as const
