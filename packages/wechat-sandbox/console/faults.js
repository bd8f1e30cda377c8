/** @module What each fault does, in the order of the list; the sandbox's own names. */

/**
 * What a fault takes beside match, times, rate and seed, by the names of the control API:
 * `ms applied on copies amountFen currency attach`.
 *
 * @typedef {readonly [name: string, label: string, takes?: string]} Fault
 */

/** @type {readonly (readonly [group: string, faults: readonly Fault[]])[]} */
export const FAULT_GROUPS = [
  [
    '请求 requests',
    [
      ['drop-before', '请求没有到达'],
      ['apply-then-drop', '已生效，应答丢失'],
      ['reset', '应答传到一半断开'],
      ['delay', '应答延迟', 'ms applied on'],
      ['500', '500 SYSTEM_ERROR', 'applied'],
      ['429', '429 FREQUENCY_LIMITED', 'applied'],
    ],
  ],
  [
    '签名与内容 signatures',
    [
      ['wrong-signature', '签名错误', 'on'],
      ['unsigned', '没有签名', 'on'],
      ['probe', '签名探测 SIGNTEST', 'on'],
      ['stale-timestamp', '签名有效但时间戳过期', 'on'],
      ['other-order-body', '内容是另一笔订单', 'on'],
      ['public-key-ramp', '改用微信支付公钥签名（灰度）', 'on'],
      ['public-key-rollback', '改用平台证书签名（回滚）', 'on'],
    ],
  ],
  [
    '通知 notifications',
    [
      ['lose-notification', '通知丢失'],
      ['hold-notification', '通知扣留'],
      ['reorder-notification', '通知乱序：晚于下一条'],
      ['duplicate-notification', '通知重复', 'copies'],
      ['unsigned-notification', '首次通知没有签名'],
      ['forged-notification', '首次通知是伪造的'],
      ['ambiguous-v2', 'v2 通知里有歧义的 attach', 'attach'],
    ],
  ],
  [
    '支付 payments',
    [
      ['wrong-amount', '实付金额或币种不同', 'amountFen currency'],
      ['pay-after-close', '关单后仍然支付成功'],
      ['second-payment', '同一订单支付两次'],
    ],
  ],
  [
    '退款 refunds',
    [
      ['refund-abnormal', '退款异常 ABNORMAL'],
      ['refund-closed', '退款关闭 CLOSED'],
      ['hold-refund', '退款停在 PROCESSING'],
      ['not-enough', '余额不足 NOT_ENOUGH', 'applied'],
      ['user-account-abnormal', '用户账户异常'],
      ['frequency-limited', '退款频率限制', 'applied'],
    ],
  ],
  [
    '账单 bills',
    [
      ['bill-not-ready', '账单还没生成'],
      ['bill-damaged', '账单内容与哈希不符'],
      ['bill-cut', '账单文件被截断'],
      ['bill-missing-row', '账单少一行'],
      ['bill-extra-row', '账单多一行', 'amountFen'],
      ['bill-duplicate-row', '账单重复一行'],
      ['bill-wrong-amount', '账单金额不同', 'amountFen'],
      ['bill-wrong-status', '账单状态不同'],
    ],
  ],
]

/** What this fault takes beside match, times, rate and seed. @param {string} name */
export function takesOf(name) {
  const fault = FAULT_GROUPS.flatMap(([, faults]) => faults).find(([known]) => known === name)
  return fault?.[2]?.split(' ') ?? []
}
