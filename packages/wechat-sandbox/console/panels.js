/** @module The lists of the page, one a tab. */
import { button, empty, h, table, tag } from './dom.js'
import { time, yuan } from './format.js'

const code = (text) => ({ text: text ?? '', kind: 'code' })
const text = (value) => ({ text: value ?? '', kind: 'text' })
const number = (value) => ({ text: value, kind: 'number' })

export function trades(state, choice) {
  if (state.trades.length === 0)
    return empty(
      '还没有订单 No orders yet',
      '用任何 SDK 调用 /v3/pay/transactions/jsapi 或 /pay/unifiedorder',
    )
  return table(
    ['时间', '商户订单号 out_trade_no', '商品', '金额', '状态', '协议', '用户'],
    state.trades.map((trade) => ({
      id: trade.outTradeNo,
      cells: [
        code(time(trade.createdAt)),
        code(trade.outTradeNo),
        text(trade.description),
        number(yuan(trade.amountFen)),
        tag(trade.state),
        trade.protocol,
        text(trade.openid),
      ],
    })),
    choice,
  )
}

export function refunds(state, choice) {
  if (state.refunds.length === 0)
    return empty('还没有退款 No refunds yet', '支付后调用 /v3/refund/domestic/refunds 或 /secapi/pay/refund')
  return table(
    ['时间', '商户退款单号 out_refund_no', '商户订单号', '金额', '状态', '来源', '自动完成'],
    state.refunds.map((refund) => ({
      id: refund.outRefundNo,
      cells: [
        code(time(refund.createdAt)),
        code(refund.outRefundNo),
        code(refund.outTradeNo),
        number(yuan(refund.refundFen)),
        tag(refund.state),
        refund.source === 'API' ? refund.protocol : '商户平台',
        code(refund.dueAt === null ? '—' : time(refund.dueAt)),
      ],
    })),
    choice,
  )
}

export function requests(state, choice) {
  if (state.requests.length === 0)
    return empty('还没有请求 No requests yet', '每个请求都会列在这里，签名错误会说明原因')
  return table(
    ['时间', '方法', '路径', '结果', '故障', '耗时', '关于'],
    state.requests.map((request) => ({
      id: request.id,
      cells: [
        code(time(request.at)),
        request.method,
        { text: request.path, kind: 'code text' },
        h(
          'span',
          { class: `tag ${request.status === null || request.code !== null ? 'bad' : 'good'}` },
          request.status === null
            ? '连接中断'
            : `${request.status}${request.code === null ? '' : ` ${request.code}`}`,
        ),
        request.fault === null ? '' : h('span', { class: 'tag wait' }, request.fault),
        number(`${request.tookMs} ms`),
        code(request.about),
      ],
    })),
    choice,
  )
}

export function notifications(state, choice) {
  if (state.notifications.length === 0)
    return empty('还没有通知 No notifications yet', '支付和退款的结果会发到各自的 notify_url')
  return table(
    ['时间', '关于', '类型', '状态', '次数', '最近应答', '下次发送', '地址'],
    state.notifications.map((notice) => ({
      id: notice.id,
      cells: [
        code(time(notice.createdAt)),
        code(notice.about),
        `${notice.kind === 'payment' ? '支付' : '退款'} ${notice.protocol}`,
        tag(notice.status),
        number(String(notice.attempts)),
        text(notice.lastAnswer ?? '—'),
        code(time(notice.nextAttemptAt)),
        text(notice.url),
      ],
    })),
    choice,
  )
}

export function ledger(state) {
  if (state.entries.length === 0) return empty('账本是空的 The books are empty', '第一笔支付会记下第一组分录')
  return [
    h(
      'div',
      { class: 'panel' },
      h('h2', {}, '账户余额 ', h('small', {}, `balances · 合计 ${yuan(state.money.sumFen)}`)),
      table(
        ['账户', '余额'],
        state.balances.map(({ account, fen }) => ({ cells: [code(account), number(yuan(fen))] })),
      ),
    ),
    h(
      'div',
      { class: 'panel' },
      h('h2', {}, '最近的分录 ', h('small', {}, 'newest entries; every cause sums to zero')),
      table(
        ['#', '时间', '原因', '账户', '金额'],
        state.entries.map((entry) => ({
          cells: [
            String(entry.seq),
            code(time(entry.at)),
            code(entry.cause),
            code(entry.account),
            number(yuan(entry.fen)),
          ],
        })),
      ),
    ),
  ]
}

export function platform(state) {
  const hasNone = state.messages.length === 0 && state.shipments.length === 0
  if (hasNone)
    return empty(
      '还没有订阅消息和发货 No messages or shipments yet',
      'subscribe/send 与 upload_shipping_info',
    )
  return [
    h(
      'div',
      { class: 'panel' },
      h('h2', {}, '订阅消息 ', h('small', {}, 'subscribe messages')),
      table(
        ['时间', '用户', '模板', '内容', '页面'],
        state.messages.map((message) => ({
          cells: [
            code(time(message.sentAt)),
            text(message.openid),
            text(message.templateId),
            text(
              Object.entries(message.data)
                .map(([name, value]) => `${name}: ${value}`)
                .join(', '),
            ),
            text(message.page),
          ],
        })),
      ),
    ),
    h(
      'div',
      { class: 'panel' },
      h('h2', {}, '发货 ', h('small', {}, 'shipping')),
      table(
        ['商户订单号', '状态', '包裹', '商品'],
        state.shipments.map((shipment) => ({
          cells: [
            code(shipment.outTradeNo),
            shipment.isFinished ? '已发完' : '部分发货',
            text(
              shipment.parcels.map((parcel) => `${parcel.expressCompany} ${parcel.trackingNo}`).join(', '),
            ),
            text(shipment.parcels.map((parcel) => parcel.itemDesc).join(', ')),
          ],
        })),
      ),
    ),
  ]
}

export function faultList(state, remove) {
  if (state.faults.length === 0)
    return empty('没有故障 No faults planned', '在上面选择一个，它会在下一次匹配时发生')
  return table(
    ['故障', '匹配', '剩余次数', '概率', '已发生', ''],
    state.faults.map((fault) => ({
      cells: [
        h('span', { class: 'tag wait' }, fault.fault),
        code(JSON.stringify(fault.match)),
        fault.times === null ? '一直 standing' : String(fault.times),
        `${Math.round(fault.rate * 100)}% · ${fault.seed}`,
        String(fault.struck),
        button('取消', () => remove(fault.id), 'danger'),
      ],
    })),
  )
}
