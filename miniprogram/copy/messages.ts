/** @module The words around leave to send subscribe messages. Each tap allows one message. */

export const messageOfferCopy = {
  refundResult: {
    title: '退款有进展时通知我',
    hint: '在微信“服务通知”里收到一条消息，每点一次收一条。',
    action: '通知我',
  },
  shipped: {
    title: '发货时通知我',
    hint: '在微信“服务通知”里收到一条消息。',
    action: '通知我',
  },
  refundRequested: {
    title: '新退款申请提醒我',
    hint: '每点一次，可收到一条新申请的提醒；可以多点几次。',
    action: '提醒我',
  },
} as const

export const messageAnswerCopy = {
  allowed: '好的，有消息会在“服务通知”里告诉您',
  refused: '没有打开通知，需要时可以再点',
  off: '您关闭了订阅消息。可在右上角“···”的“设置”里打开后再试。',
  unavailable: '暂时不能打开通知，请稍后再试',
} as const

export const messagesAllowedCopy = (times: number): string => `已允许 ${times} 次`
