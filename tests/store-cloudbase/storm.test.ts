/** @module Many processes at once while one request in twelve is lost, or its answer is: money and goods come out even. */
import type { LedgerEntry, Store } from '@yuanlu/shop'
import { anOrder, changed, entryOf, NOON, strayOf } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'

jest.setTimeout(120_000)

const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 20, imageUrl: '' }
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

let cloud: TestCloud
/** Each a process of its own: nothing is shared but the cloud. */
let stores: Store[]
const storeOf = (i: number): Store => {
  const store = stores[i % stores.length]
  if (store === undefined) throw new Error('there are stores')
  return store
}

beforeAll(async () => {
  cloud = await startTestCloud()
  stores = await Promise.all(times(6, () => cloud.open({ sleep: async () => {}, now: () => NOON })))
})
afterAll(() => cloud.close())
afterEach(() => cloud.empty())

const startStorm = (seed: string): void => {
  cloud.emulator.faults.add({ fault: 'drop-before', rate: 0.04, seed: `${seed} before` })
  cloud.emulator.faults.add({ fault: 'drop-after', rate: 0.04, seed: `${seed} after` })
}
const endStorm = (): void => cloud.emulator.faults.clear()

/** A process that was told "not now" comes back; what else goes wrong is a mistake. */
const untilDone = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'StoreUnavailableError') throw error
    }
  }
}

const readWholeLedger = async (store: Store): Promise<LedgerEntry[]> => {
  const entries: LedgerEntry[] = []
  for (;;) {
    const page = await store.journal.read({ after: entries.at(-1)?.seq ?? 0, limit: 7 })
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

test.each(['one', 'two', 'three'])(
  'the journal numbers every entry once, without a gap (%s)',
  async (seed) => {
    startStorm(seed)
    let writing = true
    const write = async (i: number): Promise<void> => {
      const order = anOrder({ id: `order-${i}`, journal: [entryOf(`payment:${i}`, i + 1, NOON - i)] })
      await untilDone(() => storeOf(i).orders.insert(order))
      const next = changed(order, { journal: [...order.journal, entryOf(`refund:${i}`, i + 1, NOON + i)] })
      await untilDone(() => storeOf(i).orders.replace(next, order.version))
      await untilDone(() => storeOf(i + 1).strays.insert(strayOf(`stray-${i}`)))
    }
    const seen: LedgerEntry[] = []
    const publish = async (i: number): Promise<void> => {
      while (writing) await untilDone(() => storeOf(i).journal.publish({ limit: 3 }))
    }
    const read = async (): Promise<void> => {
      while (writing) {
        const after = seen.at(-1)?.seq ?? 0
        seen.push(...(await untilDone(() => storeOf(0).journal.read({ after, limit: 5 }))))
      }
    }
    const others = [...times(4, publish), read()]
    await Promise.all(times(12, write))
    writing = false
    await Promise.all(others)
    endStorm()
    while ((await storeOf(0).journal.publish({ limit: 100 })) > 0) {}
    const ledger = await readWholeLedger(storeOf(1))
    expect(ledger.map((entry) => entry.seq)).toEqual(times(72, (i) => i + 1))
    // What a reader saw while it was being written is what stands there in the end.
    expect(seen).toEqual(ledger.slice(0, seen.length))
    const causes = ledger.map((entry) => entry.cause)
    expect(new Set(causes).size).toBe(36)
    for (const cause of new Set(causes)) {
      const lines = ledger.filter((entry) => entry.cause === cause)
      expect([cause, lines.length, lines.reduce((sum, line) => sum + line.fen, 0)]).toEqual([cause, 2, 0])
    }
  },
)

test.each(['one', 'two', 'three'])('goods are neither lost nor invented (%s)', async (seed) => {
  await storeOf(0).products.put(TEA)
  startStorm(seed)
  const held = new Set<string>()
  const order = async (i: number): Promise<void> => {
    const orderId = `order-${i % 20}`
    const hold = { productId: 'tea', orderId, quantity: 1 + ((i % 20) % 2) }
    const answers = await Promise.all(
      times(2, (twin) => untilDone(() => storeOf(i + twin).products.reserve(hold))),
    )
    if (answers.some((answer) => answer.kind === 'held')) held.add(orderId)
    if (i % 3 !== 0) return
    await untilDone(() => storeOf(i + 2).products.release({ productId: 'tea', orderId }))
    held.delete(orderId)
  }
  await Promise.all(times(20, order))
  await Promise.all(
    times(8, (i) =>
      untilDone(() =>
        storeOf(i).products.restock({ productId: 'tea', refundId: `refund-${i % 2}`, quantity: 1 }),
      ),
    ),
  )
  endStorm()
  // A process that comes by a minute later finishes what others left behind.
  const later = await cloud.open({ now: () => NOON + 61_000 })
  const stock = (await later.products.get('tea'))?.stock
  const quantityOf = (orderId: string) => 1 + (Number(orderId.replace('order-', '')) % 2)
  const out = [...held].reduce((sum, orderId) => sum + quantityOf(orderId), 0)
  expect(stock).toBe(22 - out)
  for (const orderId of held)
    expect(await later.products.reserve({ productId: 'tea', orderId, quantity: 1 })).toEqual({ kind: 'held' })
  for (const orderId of held) await later.products.release({ productId: 'tea', orderId })
  expect((await later.products.get('tea'))?.stock).toBe(22)
})

test.each(['one', 'two'])('of all who change one order only those who are told so did (%s)', async (seed) => {
  const order = anOrder()
  await storeOf(0).orders.insert(order)
  startStorm(seed)
  const answers = await Promise.all(
    times(40, (i) =>
      untilDone(() => storeOf(i).orders.replace(changed(order, { remark: `writer ${i}` }), order.version)),
    ),
  )
  endStorm()
  const told = answers.flatMap((won, i) => (won ? [`writer ${i}`] : []))
  const stored = await storeOf(0).orders.get(order.id)
  expect(stored?.version).toBe(2)
  // A writer that got no answer at all asks again and is told "no", though it may have been the one.
  expect(told.length === 0 || (told.length === 1 && told[0] === stored?.remark)).toBe(true)
})

test('orders claimed in the storm are claimed once', async () => {
  await Promise.all(
    times(30, (i) => storeOf(i).orders.insert(anOrder({ id: `order-${i}`, nextActionAt: NOON }))),
  )
  startStorm('claims')
  const claim = (i: number) =>
    untilDone(() => storeOf(i).orders.claimDue({ now: NOON, limit: 6, leaseMs: 60_000 }))
  const claims = (await Promise.all(times(8, claim))).flat()
  endStorm()
  const ids = claims.map((claimed) => claimed.id)
  expect(new Set(ids).size).toBe(ids.length)
  // A lease whose holder never heard of it gives its order back when it ends.
  const rest = await storeOf(0).orders.claimDue({ now: NOON + 60_000, limit: 100, leaseMs: 60_000 })
  expect(rest).toHaveLength(30)
})
