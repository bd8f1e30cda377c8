/** @module The words of shipping an order. */

export const staffShipCopy = {
  ship: '发货',
  refundOpen: '有退款正在处理，请先处理完退款，再决定是否发货。',
  title: '确认发货',
  goods: '商品',
  piece: (title: string, quantity: number): string => `${title} ×${quantity}`,
  separator: '、',
  receiver: '收货人',
  address: '收货地址',
  nobody: '未填写收货信息',
  warning: '确认后买家会看到快递公司和单号，提交后不能修改。',
  confirm: '确认发货',
  carrier: '快递公司',
  carriers: ['顺丰速运', '中通快递', '圆通速递', '申通快递', '韵达速递', '极兔速递', '京东快递', '邮政 EMS'],
  other: '其他',
  otherPlaceholder: '请填写快递公司名称',
  trackingNo: '快递单号',
  trackingNoPlaceholder: '请填写面单上的单号',
  needCarrier: '请选择或填写快递公司，最多 60 个字。',
  needTrackingNo: '请填写快递单号，最多 60 个字。',
  shipped: '已发货',
  /** The same code as a refund that can't be decided, for another reason. */
  refused: '没有发货成功：订单刚刚有了退款，或已经由同事发货。请核对最新状态后再决定。',
} as const
