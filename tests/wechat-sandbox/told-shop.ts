/** @module For the tests of notifications: one sandbox for all of a file, and for each test a shop that is told. */
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, aShop, cleanUp, Merchant, type Received, type Shop } from './merchant.ts'

export let sandbox: Sandbox
export let merchant: Merchant
export let shop: Shop

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
beforeEach(async () => {
  shop = await aShop()
})
afterEach(() => shop.close())
afterAll(cleanUp)

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

export const advance = (ms: number) => sandbox.control.moveClock({ advanceMs: ms })

/** What the shop was told last. */
export const received = (): Received => {
  const last = shop.received.at(-1)
  if (last === undefined) throw new Error('nothing arrived')
  return last
}
