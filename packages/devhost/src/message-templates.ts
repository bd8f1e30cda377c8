/** @module The subscribe message templates (订阅消息) of the local shop, with the keywords that docs/messages.md asks for. */
import type { MessageTemplate } from 'miniprogram-preview'

/** By the variable of the backend that names each. The sandbox takes any id; WeChat's have 43 characters. */
export const MESSAGE_TEMPLATES = {
  WX_TEMPLATE_REFUND_RESULT: {
    templateId: 'sandbox-template-refund-result-000000000001',
    title: '退款结果通知',
    keywords: {
      character_string1: '订单编号',
      amount2: '退款金额',
      phrase3: '退款结果',
      thing4: '温馨提示',
      time5: '时间',
    },
  },
  WX_TEMPLATE_REFUND_REQUESTED: {
    templateId: 'sandbox-template-refund-request-00000000002',
    title: '退款申请通知',
    keywords: {
      character_string1: '订单编号',
      amount2: '申请金额',
      thing3: '退款原因',
      time4: '申请时间',
    },
  },
  WX_TEMPLATE_SHIPPED: {
    templateId: 'sandbox-template-order-shipped-000000000003',
    title: '订单发货通知',
    keywords: {
      character_string1: '订单编号',
      thing2: '商品',
      thing3: '快递公司',
      character_string4: '运单号',
      time5: '发货时间',
    },
  },
} as const satisfies Record<string, MessageTemplate>
