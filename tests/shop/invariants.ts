/** @module What has to be true of a shop and its WeChat Pay once everything due has been done. */
import { awaitsPerson, type Order, sweep } from '@yuanlu/shop'
import { NOON, type World } from '../support/shop-world'

const SHELF = { beans: 10, cup: 2 }

/** Lets the jobs run for an hour: every lease, retry and expiry falls into it. Refunds arrive half-way. */
export const letTimePass = async (world: World): Promise<void> => {
  for (let minute = 0; minute < 60; minute++) {
    world.now += 61_000
    await sweep(world, 100)
    if (minute !== 30) continue
    for (const { outRefundNo, status } of world.wechat.refunds.values())
      if (status === 'processing') world.wechat.settleRefund(outRefundNo, 'succeeded')
  }
}

/** Stock, states, WeChat Pay's books and ours, compared to the piece and to the fen. */
export const expectEverythingInOrder = async (world: World): Promise<void> => {
  const orders = [...world.store.rows.orders.values()]
  for (const order of orders) expectAtRest(order)
  for (const [productId, initial] of Object.entries(SHELF))
    expect([productId, world.stockOf(productId) + heldBy(orders, productId)]).toEqual([productId, initial])
  for (const order of orders) expectToAgree(order, world)
  for (const [outTradeNo, trade] of world.wechat.trades)
    if (trade.state === 'NOTPAY') throw new Error(`${outTradeNo} can still be paid, and nobody looks at it`)
  expect(await world.store.inbox.listUnapplied({ before: Infinity, limit: 100 })).toEqual([])
  await expectBooksToAgree(world, orders)
}

const expectAtRest = (order: Order): void => {
  const stock = {
    refused: 'released',
    closed: 'released',
    placing: 'never',
    shipped: 'held',
    completed: 'held',
  }
  const expected = { ...stock, paid: 'held', awaitingPayment: awaitsPerson(order) ? 'held' : 'never' }
  expect([order.state, order.stock]).toEqual([order.state, expected[order.state]])
  expect([order.state, order.nextActionAt]).toEqual([order.state, null])
  expect([order.state, order.closing]).toEqual([order.state, null])
}

const heldBy = (orders: readonly Order[], productId: string): number => {
  const count = (items: readonly { readonly productId: string; readonly quantity: number }[]) =>
    items.filter((item) => item.productId === productId).reduce((sum, item) => sum + item.quantity, 0)
  const living = orders.filter((order) => order.stock !== 'released')
  const returned = living.flatMap((order) => order.refunds).filter((refund) => refund.stock === 'returned')
  return count(living.flatMap((order) => order.lines)) - count(returned.flatMap((refund) => refund.items))
}

/** An order is paid exactly when WeChat Pay took the money for it, and closed only when nobody can pay it. */
const expectToAgree = (order: Order, world: World): void => {
  const trade = world.wechat.trades.get(order.id)
  const known = new Set([order.payment?.transactionId, ...order.misplaced.map((m) => m.transactionId)])
  if (order.state === 'paid') expect(trade?.state).toBe('SUCCESS')
  if (trade?.paid) expect(known).toContain(trade.paid.transactionId)
  expectNoDoubleRefund(order, world)
}

/** Never more than was paid, and for one agreement never twice: whatever was closed does not count. */
const expectNoDoubleRefund = (order: Order, world: World): void => {
  const living = [...world.wechat.refunds.values()].filter((refund) => refund.status !== 'closed')
  for (const paid of world.wechat.received.filter((news) => news.outTradeNo === order.id)) {
    const back = living.filter((refund) => refund.transactionId === paid.transactionId)
    expect(back.reduce((sum, refund) => sum + refund.refundFen, 0)).toBeLessThanOrEqual(paid.totalFen)
  }
  for (const refund of order.refunds) {
    const numbers = new Set(refund.transfers.map((transfer) => transfer.request.outRefundNo))
    const sent = living.filter(({ outRefundNo }) => numbers.has(outRefundNo))
    expect([refund.id, sent.length <= 1]).toEqual([refund.id, true])
    if (refund.state === 'refunded') expect(sent.map(({ status }) => status)).toEqual(['succeeded'])
  }
}

/** Every movement of money is journaled once, on the account where it belongs. */
const expectBooksToAgree = async (world: World, orders: readonly Order[]): Promise<void> => {
  while ((await world.store.journal.publish({ limit: 100 })) > 0);
  const misplaced = orders.flatMap((order) => order.misplaced)
  const aside = new Set([
    ...misplaced.map((m) => m.transactionId),
    ...[...world.store.rows.strays.values()].map((stray) => stray.transactionId),
  ])
  const expected = world.wechat.received.flatMap(({ transactionId, totalFen }) => [
    [`payment:${transactionId}`, 'wechat:receivable', totalFen],
    [`payment:${transactionId}`, aside.has(transactionId) ? 'shop:suspense' : 'shop:sales', -totalFen],
  ])
  for (const { outRefundNo, transactionId, refundFen, status } of world.wechat.refunds.values())
    if (status === 'succeeded')
      expected.push(
        [`refund:${outRefundNo}`, 'wechat:receivable', -refundFen],
        [`refund:${outRefundNo}`, aside.has(transactionId) ? 'shop:suspense' : 'shop:refunds', refundFen],
      )
  const booked = world.store.rows.ledger.map((line) => [line.cause, line.account, line.fen])
  const byText = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b))
  expect(booked.sort(byText)).toEqual(expected.sort(byText))
  expect(new Set(world.store.rows.ledger.map((line) => line.seq)).size).toBe(booked.length)
  expect(world.now).toBeGreaterThan(NOON)
}
