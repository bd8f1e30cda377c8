/** @module Ports that fail at one chosen step: every call to the store or to WeChat Pay is a step. */
import type { PaymentGateway, Platform, ShopDeps, Store } from '@yuanlu/shop'
import type { World } from '../support/shop-world'

export interface CrashPlan {
  /** The how-manieth step fails; 0 for none. */
  readonly at: number
  /** Whether the step itself still takes effect. */
  readonly when: 'before' | 'after'
  /** A dead process makes no further call; after a mere failure the code goes on as it sees fit. */
  readonly process: 'dies' | 'goes on'
}

export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface CrashingShop {
  readonly deps: ShopDeps
  /** Steps taken so far, by name. */
  readonly steps: string[]
}

/** The same world seen by a process that fails as planned. The world itself stays intact, as a database does. */
export const crashing = (world: World, plan: CrashPlan): CrashingShop => {
  const steps: string[] = []
  let dead = false
  const step = async (name: string, work: () => Promise<unknown>): Promise<unknown> => {
    if (dead) throw new Crash('the process is gone')
    steps.push(name)
    if (steps.length !== plan.at) return work()
    dead = plan.process === 'dies'
    if (plan.when === 'after') await work()
    throw new Crash(`${plan.when} ${name}`)
  }
  const port = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get: (object, member) => {
        const value: unknown = Reflect.get(object, member)
        if (typeof value !== 'function' || member === 'paymentParams') return value
        return (...args: unknown[]) => step(`${name}.${String(member)}`, () => value.apply(object, args))
      },
    })
  const store = new Proxy<Store>(world.store, {
    get: (object, member) => {
      const value: unknown = Reflect.get(object, member)
      return typeof value === 'object' && value !== null ? port(String(member), value) : value
    },
  })
  return {
    steps,
    deps: {
      clock: world.clock,
      pause: world.pause,
      log: world.log,
      settings: world.settings,
      store,
      gateway: port<PaymentGateway>('wechat', world.wechat),
      platform: port<Platform>('platform', world.platform),
    },
  }
}
