/**
 * @module Who gets the money of a refund, in the words of 退款入账账户.
 */
import type { Refund } from '../state/tables.ts'

/** The banks whose debit cards an abnormal refund can go to (仅支持…的借记卡): there are no others. */
const BANKS: Readonly<Record<string, string>> = {
  CMB_DEBIT: '招商银行',
  COMM_DEBIT: '交通银行',
  ABC_DEBIT: '农业银行',
  CCB_DEBIT: '建设银行',
  ICBC_DEBIT: '工商银行',
  BOC_DEBIT: '中国银行',
  PAB_DEBIT: '平安银行',
  SPDB_DEBIT: '浦发银行',
  CITIC_DEBIT: '中信银行',
  CEB_DEBIT: '光大银行',
  CMBC_DEBIT: '民生银行',
  CIB_DEBIT: '兴业银行',
  GDB_DEBIT: '广发银行',
  PSBC_DEBIT: '邮储银行',
  NBCB_DEBIT: '宁波银行',
}

export function isPayableBank(bankType: string): boolean {
  return Object.hasOwn(BANKS, bankType)
}

export function userReceivedAccount({ receiver }: Refund): string {
  switch (receiver.to) {
    case 'origin':
      return '支付用户零钱'
    case 'USER_BANK_CARD':
      return `${BANKS[receiver.bankType] ?? receiver.bankType}借记卡${receiver.tail}`
    case 'MERCHANT_BANK_CARD':
      return '商户结算银行账户'
  }
}
