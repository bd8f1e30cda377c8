/** @module A shop whose every call outside waits for its turn. */
import { orderAfter, type PaymentGateway, type ShopDeps, type Store } from '@yuanlu/shop'
import fc, { type Scheduler } from 'fast-check'
import type { World } from '../support/shop-world'

/** Waits until it is this actor's turn to make the call of this name. */
export type Turn = (name: string) => Promise<unknown>

/** After a turn, whoever had it finishes the call it was waiting for and stands in line again. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** fast-check decides who goes next. */
export const turns = () =>
  fc.scheduler({
    act: async (takeTurn) => {
      await takeTurn()
      await settle()
    },
  })

/** The turns of one actor among those that fast-check deals out. */
export const turnOf =
  (scheduler: Scheduler, actor: string): Turn =>
  (name) =>
    scheduler.schedule(Promise.resolve(), `${actor} ${name}`)

/** An actor that is moved on by hand, one call at a time. */
export const byHand = (): { readonly turn: Turn; step(): Promise<boolean> } => {
  const waiting: (() => void)[] = []
  return {
    turn: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    /** False when the actor waits for nothing: it is done. */
    step: async () => {
      await settle()
      const next = waiting.shift()
      next?.()
      return next !== undefined
    },
  }
}

/** Each call to the store or to WeChat Pay may be overtaken by any other; WeChat Pay's answers may linger, too. */
export const scheduled = (world: World, turn: Turn): ShopDeps => {
  const port = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get: (object, member) => {
        const value: unknown = Reflect.get(object, member)
        if (typeof value !== 'function' || member === 'paymentParams') return value
        return async (...args: unknown[]) => {
          await turn(`${name}.${String(member)}`)
          const answer: unknown = await value.apply(object, args)
          if (name === 'wechat') await turn(`hears ${String(member)}`)
          return answer
        }
      },
    })
  return {
    clock: world.clock,
    pause: world.pause,
    log: world.log,
    settings: world.settings,
    store: new Proxy<Store>(port<Store>('store', world.store), {
      get: (object, member) => {
        const value: unknown = Reflect.get(object, member)
        return typeof value === 'object' && value !== null ? port(String(member), value) : value
      },
    }),
    gateway: port<PaymentGateway>('wechat', world.wechat),
    platform: world.platform,
  }
}

/** Whoever records news must not call WeChat Pay: it waits for its answer. */
export const withoutWechat = (deps: ShopDeps): ShopDeps => ({
  ...deps,
  gateway: {
    ...deps.gateway,
    newTradesApi: deps.gateway.newTradesApi,
    prepay: () => Promise.reject(new Error('a call to WeChat Pay before the acknowledgement')),
    queryTrade: () => Promise.reject(new Error('a call to WeChat Pay before the acknowledgement')),
    closeTrade: () => Promise.reject(new Error('a call to WeChat Pay before the acknowledgement')),
  },
})

/** Collects every write that no order of events may lead to. */
export const watch = (world: World): string[] => {
  const wrong: string[] = []
  const { orders, products } = world.store
  const { replace } = orders
  orders.replace = async (next, expectedVersion) => {
    const before = world.store.rows.orders.get(next.id)
    const replaced = await replace(next, expectedVersion)
    if (!replaced || before === undefined) return replaced
    const events = ['stocked', 'refused', 'paid', 'shipped', 'received', 'closed'] as const
    if (
      before.state !== next.state &&
      !events.some((event) => orderAfter(before.state, event) === next.state)
    )
      wrong.push(`${before.state} became ${next.state}`)
    if (next.version !== before.version + 1) wrong.push(`version ${before.version} became ${next.version}`)
    if (next.state === 'awaitingPayment' && next.stock !== 'held') wrong.push('payable without its goods')
    if (next.state === 'closed' && world.wechat.trades.get(next.id)?.state === 'NOTPAY')
      wrong.push('closed here while it can still be paid')
    return replaced
  }
  const { release } = products
  products.release = async (hold) => {
    const state = world.store.rows.orders.get(hold.orderId)?.state
    if (state !== 'closed' && state !== 'refused') wrong.push(`goods of an order released that is ${state}`)
    return release(hold)
  }
  return wrong
}
