/** @module What every store has to do. One suite, run on each of them. */
import type { LedgerEntry, Order, OrderPosition, Refund, Store } from '@yuanlu/shop'
import {
  anOrder,
  aPlacingOrder,
  aRefund,
  attentionOf,
  changed,
  entryOf,
  NOON,
  newsOf,
  strayOf,
} from './builders.ts'

export interface StoreUnderTest {
  readonly store: Store
  dispose(): Promise<void>
}

const BUYER = anOrder().buyerOpenid
const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 60, imageUrl: '' }

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const idOf = (i: number): string => `order-${String(i).padStart(4, '0')}`
const idsOf = (orders: readonly Order[]): string[] => orders.map((order) => order.id)
const countOf = <T>(values: readonly T[], value: T): number => values.filter((v) => v === value).length

const readWholeLedger = async (store: Store, pageSize: number): Promise<LedgerEntry[]> => {
  const entries: LedgerEntry[] = []
  for (;;) {
    const page = await store.journal.read({ after: entries.at(-1)?.seq ?? 0, limit: pageSize })
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

export const describeStore = (name: string, makeStore: () => Promise<StoreUnderTest>): void => {
  describe(name, () => {
    let store: Store
    let dispose: () => Promise<void>
    beforeEach(async () => {
      const made = await makeStore()
      store = made.store
      dispose = () => made.dispose()
    })
    afterEach(() => dispose())

    const placed = async (order: Order): Promise<Order> => {
      expect(await store.orders.insert(order)).toBe(true)
      return order
    }

    describe('orders', () => {
      test('an order comes back exactly as it was written', async () => {
        const order = anOrder({
          remark: 'line one\nline two\t"quoted" \\ {"$ne":null} \'; drop table orders; -- 𠮷野家 👩‍👩‍👧 é é ‮',
          delivery: { name: '𠮷田 さん', phone: '+86 138', address: '东 三环\u2028中路' },
          misplaced: [
            {
              transactionId: 't',
              kind: 'duplicatePayment',
              amountFen: 1,
              currency: 'CNY',
              payerOpenid: 'o',
              paidAt: NOON,
            },
          ],
        })
        await placed(order)
        const read = await store.orders.get(order.id)
        expect(read).toEqual(order)
        expect(JSON.stringify(read)).toBe(JSON.stringify(order))
      })

      test.each([
        // The contract lets no control characters and no halves of characters in.
        ['what nobody sees', '\ufeff\u200b\u202e\u2066\t\r\n'],
        ['what a database may read as its own', '{"$date":"2026-11-23"} $set a.b.0 _id'],
        ['the same letter, composed and decomposed', '\u00e9 e\u0301'],
      ])('%s comes back as it was written', async (_, remark) => {
        const order = await placed(anOrder({ remark }))
        expect((await store.orders.get(order.id))?.remark).toBe(remark)
        const next = changed(order, { attention: [attentionOf('odd', { summary: 'plain' })] })
        expect(await store.orders.replace(next, order.version)).toBe(true)
        expect((await store.orders.claimDue({ now: NOON * 2, limit: 1, leaseMs: 1 }))[0]?.remark).toBe(remark)
      })

      test('an order that is not there is null', async () => {
        expect(await store.orders.get('nobody')).toBeNull()
      })

      test('a second order of one number is not inserted and changes nothing', async () => {
        const order = await placed(anOrder())
        expect(await store.orders.insert({ ...order, remark: 'another' })).toBe(false)
        expect(await store.orders.get(order.id)).toEqual(order)
      })

      test('fifty inserts of one number at once: one of them wins', async () => {
        const answers = await Promise.all(
          times(50, (i) => store.orders.insert(anOrder({ remark: `copy ${i}` }))),
        )
        expect(countOf(answers, true)).toBe(1)
        const winner = answers.indexOf(true)
        expect((await store.orders.get(anOrder().id))?.remark).toBe(`copy ${winner}`)
      })

      test('the largest amounts and instants come back exactly', async () => {
        const order = anOrder({
          amountFen: Number.MAX_SAFE_INTEGER,
          createdAt: 8_640_000_000_000_000,
          expiresAt: 8_640_000_000_000_000,
          journal: [entryOf('payment:large', Number.MAX_SAFE_INTEGER)],
        })
        await placed(order)
        expect(await store.orders.get(order.id)).toEqual(order)
        await store.journal.publish({ limit: 10 })
        expect((await store.journal.read({ after: 0, limit: 10 })).map((e) => e.fen)).toEqual([
          9_007_199_254_740_991, -9_007_199_254_740_991,
        ])
      })

      test('an order of many lines and a long history is stored whole', async () => {
        const lines = times(1_000, (i) => ({
          productId: `p${i}`,
          title: '乌龙茶礼盒'.repeat(10),
          unitPriceFen: i,
          quantity: 1,
          amountFen: i,
        }))
        const order = await placed(anOrder({ lines, journal: times(50, (i) => entryOf(`payment:big-${i}`)) }))
        const next = changed(order, { remark: 'x'.repeat(100_000) })
        expect(await store.orders.replace(next, order.version)).toBe(true)
        expect(await store.orders.get(order.id)).toEqual(next)
      })

      test('a write on the version that was read is taken, one on an older version is not', async () => {
        const order = await placed(anOrder())
        const first = changed(order, { remark: 'first' })
        const late = changed(order, { remark: 'late' })
        expect(await store.orders.replace(first, order.version)).toBe(true)
        expect(await store.orders.replace(late, order.version)).toBe(false)
        expect((await store.orders.get(order.id))?.remark).toBe('first')
      })

      test('replacing an order that is not there writes nothing', async () => {
        const ghost = anOrder({ journal: [entryOf('payment:ghost')], attention: [attentionOf('ghost')] })
        expect(await store.orders.replace(changed(ghost, {}), ghost.version)).toBe(false)
        expect(await store.orders.get(ghost.id)).toBeNull()
        expect(await store.journal.publish({ limit: 10 })).toBe(0)
        expect(await store.attention.listOpen({ limit: 10 })).toEqual([])
      })

      test('fifty writers on one version: one of them wins', async () => {
        const order = await placed(anOrder())
        const answers = await Promise.all(
          times(50, (i) => store.orders.replace(changed(order, { remark: `writer ${i}` }), order.version)),
        )
        expect(countOf(answers, true)).toBe(1)
        const stored = await store.orders.get(order.id)
        expect(stored?.version).toBe(2)
        expect(stored?.remark).toBe(`writer ${answers.indexOf(true)}`)
      })

      test('fifty writers that read again after losing each get their turn', async () => {
        const order = await placed(anOrder({ lines: [] }))
        const add = async (i: number): Promise<void> => {
          for (;;) {
            const seen = await store.orders.get(order.id)
            if (seen === null) throw new Error('the order is there')
            const line = { productId: `p${i}`, title: 't', unitPriceFen: 1, quantity: 1, amountFen: 1 }
            const next = changed(seen, { lines: [...seen.lines, line] })
            if (await store.orders.replace(next, seen.version)) return
          }
        }
        await Promise.all(times(50, add))
        const stored = await store.orders.get(order.id)
        expect(stored?.version).toBe(51)
        expect(stored?.lines.map((line) => line.productId).sort()).toEqual(times(50, (i) => `p${i}`).sort())
      })
    })

    describe('one order, many at once', () => {
      test('two hundred payments of one order: one takes effect and is journaled', async () => {
        const order = await placed(anOrder())
        const pay = async (i: number): Promise<boolean> => {
          for (;;) {
            const seen = await store.orders.get(order.id)
            if (seen?.state !== 'awaitingPayment') return false
            const paid = { state: 'paid', paidAt: NOON + i, journal: [entryOf(`payment:${i}`)] } as const
            if (await store.orders.replace(changed(seen, paid), seen.version)) return true
          }
        }
        const answers = await Promise.all(times(200, pay))
        expect(countOf(answers, true)).toBe(1)
        const winner = answers.indexOf(true)
        expect(await store.orders.get(order.id)).toMatchObject({
          version: 2,
          state: 'paid',
          paidAt: NOON + winner,
        })
        expect(await store.journal.publish({ limit: 10 })).toBe(1)
        const ledger = await readWholeLedger(store, 10)
        expect(ledger.map((e) => e.cause)).toEqual([`payment:${winner}`, `payment:${winner}`])
      })

      test('fifty refunds of 7 fen against 100: fourteen are granted', async () => {
        const order = await placed(anOrder({ amountFen: 100 }))
        const refund = async (i: number): Promise<boolean> => {
          for (;;) {
            const seen = await store.orders.get(order.id)
            if (seen === null) throw new Error('the order is there')
            const asked = seen.refunds.reduce((sum, { amountFen }) => sum + amountFen, 0)
            if (asked + 7 > seen.amountFen) return false
            const refunds = [...seen.refunds, aRefund(`r-${i}`, { amountFen: 7, requestedAt: NOON + i })]
            if (await store.orders.replace(changed(seen, { refunds }), seen.version)) return true
          }
        }
        const answers = await Promise.all(times(50, refund))
        expect(countOf(answers, true)).toBe(14)
        const granted = answers.flatMap((won, i) => (won ? [`r-${i}`] : []))
        const found = await store.refunds.list({ oldestFirst: true, limit: 100 })
        expect(found.map((row) => row.refundId)).toEqual(granted)
        expect((await store.orders.get(order.id))?.version).toBe(15)
      })
    })

    describe('orders that are due', () => {
      const LEASE = 60_000
      const claim = (now: number, limit = 10): Promise<Order[]> =>
        store.orders.claimDue({ now, limit, leaseMs: LEASE })

      test('only what is due is claimed, the longest overdue first, up to the limit', async () => {
        await placed(anOrder({ id: idOf(1), nextActionAt: NOON }))
        await placed(anOrder({ id: idOf(2), nextActionAt: NOON - 2 }))
        await placed(anOrder({ id: idOf(3), nextActionAt: NOON + 1 }))
        await placed(anOrder({ id: idOf(4), nextActionAt: null }))
        await placed(aPlacingOrder({ id: idOf(5), nextActionAt: NOON - 1 }))
        expect(idsOf(await claim(NOON, 2))).toEqual([idOf(2), idOf(5)])
        expect(idsOf(await claim(NOON, 2))).toEqual([idOf(1)])
        expect(await claim(NOON, 2)).toEqual([])
      })

      test('a claimed order comes as it is stored, its version untouched', async () => {
        const order = await placed(anOrder({ nextActionAt: NOON }))
        expect(await claim(NOON)).toEqual([order])
        expect(await store.orders.get(order.id)).toEqual(order)
      })

      test('a lease ends when its time has come, not before', async () => {
        const order = await placed(anOrder({ nextActionAt: NOON }))
        expect(idsOf(await claim(NOON))).toEqual([order.id])
        expect(await claim(NOON + LEASE - 1)).toEqual([])
        expect(idsOf(await claim(NOON + LEASE))).toEqual([order.id])
      })

      test('a write ends the lease', async () => {
        const order = await placed(anOrder({ nextActionAt: NOON }))
        await claim(NOON)
        const next = changed(order, { nextActionAt: NOON + 10 })
        expect(await store.orders.replace(next, order.version)).toBe(true)
        expect(await claim(NOON + 9)).toEqual([])
        expect(await claim(NOON + 10)).toEqual([next])
      })

      test('a worker that overslept its lease cannot write over the one that came after it', async () => {
        await placed(anOrder({ nextActionAt: NOON }))
        const [slow] = await claim(NOON)
        const [fast] = await claim(NOON + LEASE)
        if (slow === undefined || fast === undefined) throw new Error('both claimed it')
        expect(await store.orders.replace(changed(fast, { remark: 'fast' }), fast.version)).toBe(true)
        expect(await store.orders.replace(changed(slow, { remark: 'slow' }), slow.version)).toBe(false)
        expect((await store.orders.get(fast.id))?.remark).toBe('fast')
      })

      test('workers that claim at once share the orders without getting one twice', async () => {
        await Promise.all(times(60, (i) => placed(anOrder({ id: idOf(i), nextActionAt: NOON - i }))))
        const claims = await Promise.all(times(12, () => claim(NOON, 10)))
        const rest: Order[] = []
        for (let more = await claim(NOON); more.length > 0; more = await claim(NOON)) rest.push(...more)
        const ids = idsOf([...claims.flat(), ...rest])
        expect(ids.sort()).toEqual(times(60, idOf))
      })
    })

    describe("a shopper's orders", () => {
      test('are listed newest first, and by number where two are of one instant', async () => {
        await placed(anOrder({ id: 'B', createdAt: NOON }))
        await placed(anOrder({ id: 'a', createdAt: NOON }))
        await placed(anOrder({ id: 'c', createdAt: NOON + 1 }))
        const listed = await store.orders.listByBuyer({ buyerOpenid: BUYER, limit: 10 })
        expect(idsOf(listed)).toEqual(['c', 'a', 'B'])
      })

      test('are only the own and only the visible ones', async () => {
        await placed(anOrder({ id: 'mine' }))
        await placed(anOrder({ id: 'hers', buyerOpenid: 'o-her' }))
        await placed(aPlacingOrder({ id: 'being-placed' }))
        await placed(aPlacingOrder({ id: 'refused', state: 'refused' }))
        const listed = await store.orders.listByBuyer({ buyerOpenid: BUYER, limit: 10 })
        expect(idsOf(listed)).toEqual(['mine'])
      })

      test('can be narrowed to one status', async () => {
        await placed(anOrder({ id: 'open', createdAt: NOON }))
        await placed(anOrder({ id: 'paid-1', state: 'paid', createdAt: NOON + 1 }))
        await placed(anOrder({ id: 'paid-2', state: 'paid', createdAt: NOON + 2 }))
        const input = { buyerOpenid: BUYER, status: 'paid' as const }
        const first = await store.orders.listByBuyer({ ...input, limit: 1 })
        expect(idsOf(first)).toEqual(['paid-2'])
        const after = { createdAt: NOON + 2, id: 'paid-2' }
        expect(idsOf(await store.orders.listByBuyer({ ...input, after, limit: 10 }))).toEqual(['paid-1'])
      })

      test('are paged without a gap or a repeat while new orders and changes arrive', async () => {
        for (const i of times(45, (n) => n))
          await placed(anOrder({ id: idOf(i), createdAt: NOON + Math.floor(i / 3) }))
        const seen: Order[] = []
        let after: OrderPosition | undefined
        for (let pageNo = 0; ; pageNo++) {
          const page = await store.orders.listByBuyer({
            buyerOpenid: BUYER,
            ...(after === undefined ? {} : { after }),
            limit: 10,
          })
          if (page.length === 0) break
          seen.push(...page)
          after = page.at(-1)
          await placed(anOrder({ id: `new-${pageNo}`, createdAt: NOON + 1_000 }))
          const old = await store.orders.get(idOf(0))
          if (old !== null) await store.orders.replace(changed(old, {}), old.version)
        }
        expect(idsOf(seen)).toEqual(times(45, (i) => idOf(44 - i)))
      })
    })

    describe('the money journal', () => {
      test('an entry is stored with the write that brings it, and read once it has a number', async () => {
        const order = await placed(anOrder())
        const next = changed(order, { journal: [entryOf('payment:4200001')] })
        await store.orders.replace(next, order.version)
        expect(await store.journal.read({ after: 0, limit: 10 })).toEqual([])
        expect(await store.journal.publish({ limit: 10 })).toBe(1)
        const shared = {
          at: '2026-11-23T04:00:00.000Z',
          orderId: order.id,
          refundId: null,
          cause: 'payment:4200001',
          wxId: '4200001',
        }
        expect(await store.journal.read({ after: 0, limit: 10 })).toEqual([
          { seq: 1, account: 'wechat:receivable', fen: 2_580, ...shared },
          { seq: 2, account: 'shop:sales', fen: -2_580, ...shared },
        ])
      })

      test('a write that loses brings no entry', async () => {
        const order = await placed(anOrder())
        await store.orders.replace(changed(order, {}), order.version)
        const late = changed(order, { journal: [entryOf('payment:late')] })
        expect(await store.orders.replace(late, order.version)).toBe(false)
        expect(await store.journal.publish({ limit: 10 })).toBe(0)
      })

      test('later writes of the same order journal nothing again', async () => {
        let order = await placed(anOrder({ journal: [entryOf('payment:1')] }))
        for (const cause of ['payment:2', 'payment:3']) {
          const next = changed(order, { journal: [...order.journal, entryOf(cause)] })
          await store.orders.replace(next, order.version)
          order = next
          await store.journal.publish({ limit: 10 })
        }
        const ledger = await readWholeLedger(store, 100)
        expect(ledger.map((e) => e.cause)).toEqual([
          'payment:1',
          'payment:1',
          'payment:2',
          'payment:2',
          'payment:3',
          'payment:3',
        ])
      })

      test('one cause is journaled once, even by many orders at once', async () => {
        await Promise.all(
          times(20, (i) => placed(anOrder({ id: idOf(i), journal: [entryOf('payment:same', 100 + i)] }))),
        )
        expect(await store.journal.publish({ limit: 100 })).toBe(1)
        const ledger = await readWholeLedger(store, 100)
        expect(ledger).toHaveLength(2)
        expect(ledger.reduce((sum, entry) => sum + entry.fen, 0)).toBe(0)
      })

      test('publishing numbers whole entries and at most as many as asked for', async () => {
        await placed(anOrder({ journal: times(5, (i) => entryOf(`payment:${i}`, 100, NOON + i)) }))
        expect(await store.journal.publish({ limit: 2 })).toBe(2)
        expect((await readWholeLedger(store, 3)).map((e) => e.cause)).toEqual([
          'payment:0',
          'payment:0',
          'payment:1',
          'payment:1',
        ])
        expect(await store.journal.publish({ limit: 10 })).toBe(3)
        expect(await store.journal.publish({ limit: 10 })).toBe(0)
      })

      test('eight publishers at once: numbers without gaps, and nothing appears below what was seen', async () => {
        const ORDERS = 80
        let writing = true
        const write = async (worker: number): Promise<void> => {
          for (let i = worker; i < ORDERS; i += 4) {
            // Instants run backwards, so that an order by time would put late entries before early ones.
            await placed(anOrder({ id: idOf(i), journal: [entryOf(`payment:${i}`, i + 1, NOON - i)] }))
          }
        }
        // A store in memory answers without giving way; the writers have to get their turns all the same.
        const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
        const publish = async (): Promise<void> => {
          for (; writing; await giveWay()) await store.journal.publish({ limit: 3 })
        }
        const seen: LedgerEntry[] = []
        const readOn = async (): Promise<void> => {
          const page = await store.journal.read({ after: seen.at(-1)?.seq ?? 0, limit: 7 })
          seen.push(...page)
        }
        const reader = async (): Promise<void> => {
          for (; writing; await giveWay()) await readOn()
        }
        const others = [...times(8, publish), reader()]
        await Promise.all(times(4, write))
        writing = false
        await Promise.all(others)
        while ((await store.journal.publish({ limit: 3 })) > 0) {}
        while (seen.length < ORDERS * 2) {
          const before = seen.length
          await readOn()
          if (seen.length === before) break
        }
        expect(seen.map((entry) => entry.seq)).toEqual(times(ORDERS * 2, (i) => i + 1))
        expect(await readWholeLedger(store, 50)).toEqual(seen)
        for (let i = 0; i < seen.length; i += 2) {
          expect(seen[i]?.cause).toBe(seen[i + 1]?.cause)
          expect((seen[i]?.fen ?? 0) + (seen[i + 1]?.fen ?? 0)).toBe(0)
        }
        expect(new Set(seen.map((entry) => entry.cause)).size).toBe(ORDERS)
      })

      test('reading stops at the limit and goes on where it stopped', async () => {
        await placed(anOrder({ journal: times(3, (i) => entryOf(`payment:${i}`, 100, NOON + i)) }))
        await store.journal.publish({ limit: 10 })
        const first = await store.journal.read({ after: 0, limit: 4 })
        const second = await store.journal.read({ after: 4, limit: 4 })
        expect(first.map((e) => e.seq)).toEqual([1, 2, 3, 4])
        expect(second.map((e) => e.seq)).toEqual([5, 6])
        expect(await store.journal.read({ after: 6, limit: 4 })).toEqual([])
      })
    })

    describe('products', () => {
      const reserve = (orderId: string, quantity = 1) =>
        store.products.reserve({ productId: 'tea', orderId, quantity })
      const stock = async (): Promise<number | undefined> => (await store.products.get('tea'))?.stock

      test('a catalogue is put in place once and overwrites nothing', async () => {
        const coffee = { ...TEA, productId: 'coffee', title: '咖啡 ☕️', priceFen: 1_000_000_000 }
        expect(await store.products.insertMissing([TEA, coffee])).toBe(2)
        expect(await store.products.insertMissing([{ ...TEA, priceFen: 1, stock: 9_999 }])).toBe(0)
        expect(await store.products.insertMissing([])).toBe(0)
        expect(await store.products.list()).toEqual([TEA, coffee])
        expect(await store.products.get('coffee')).toEqual(coffee)
        expect(await store.products.get('cocoa')).toBeNull()
      })

      test('products are listed in the order of the catalogue, later ones at the end', async () => {
        const rows = ['pear', 'apple', 'zebra'].map((productId) => ({ ...TEA, productId }))
        await store.products.insertMissing(rows)
        await store.products.insertMissing([{ ...TEA, productId: 'banana' }])
        expect((await store.products.list()).map((p) => p.productId)).toEqual([
          'pear',
          'apple',
          'zebra',
          'banana',
        ])
      })

      test('several processes put the same catalogue in place at once', async () => {
        const rows = times(30, (i) => ({ ...TEA, productId: `p${i}` }))
        await Promise.all(times(8, () => store.products.insertMissing(rows)))
        expect(await store.products.list()).toHaveLength(30)
      })

      test('goods are taken once per order, however often it asks', async () => {
        await store.products.insertMissing([TEA])
        expect(await reserve('one', 5)).toEqual({ kind: 'held' })
        expect(await reserve('one', 5)).toEqual({ kind: 'held' })
        expect(await stock()).toBe(55)
      })

      test('one order asking thirty times at once takes its goods once', async () => {
        await store.products.insertMissing([TEA])
        const answers = await Promise.all(times(30, () => reserve('one', 5)))
        expect(
          countOf(
            answers.map((a) => a.kind),
            'held',
          ),
        ).toBe(30)
        expect(await stock()).toBe(55)
      })

      test('an order that asks for more than there is learns what there is', async () => {
        await store.products.insertMissing([TEA])
        expect(await reserve('greedy', 61)).toEqual({ kind: 'short', stock: 60 })
        expect(await reserve('exact', 60)).toEqual({ kind: 'held' })
        expect(await reserve('late')).toEqual({ kind: 'short', stock: 0 })
        expect(await stock()).toBe(0)
      })

      test('a product that is not there is short', async () => {
        expect(await reserve('one')).toEqual({ kind: 'short', stock: 0 })
      })

      test('a hundred orders for sixty goods: sixty are held', async () => {
        await store.products.insertMissing([TEA])
        const answers = await Promise.all(times(100, (i) => reserve(idOf(i))))
        const kinds = answers.map((answer) => answer.kind)
        expect([countOf(kinds, 'held'), countOf(kinds, 'short')]).toEqual([60, 40])
        expect(await stock()).toBe(0)
      })

      test('two hundred orders of three for sixty goods: twenty are held', async () => {
        await store.products.insertMissing([TEA])
        const answers = await Promise.all(times(200, (i) => reserve(idOf(i), 3)))
        expect(
          countOf(
            answers.map((a) => a.kind),
            'held',
          ),
        ).toBe(20)
        expect(await stock()).toBe(0)
      })

      test('goods go back once, however often they are released', async () => {
        await store.products.insertMissing([TEA])
        await reserve('one', 7)
        await Promise.all(times(20, () => store.products.release({ productId: 'tea', orderId: 'one' })))
        await store.products.release({ productId: 'tea', orderId: 'one' })
        expect(await stock()).toBe(60)
      })

      test('an order whose goods went back cannot take them again', async () => {
        await store.products.insertMissing([TEA])
        await reserve('one', 7)
        await store.products.release({ productId: 'tea', orderId: 'one' })
        expect(await reserve('one', 7)).toEqual({ kind: 'released' })
        expect(await stock()).toBe(60)
      })

      test('a release before the reserve makes the late reserve find out', async () => {
        await store.products.insertMissing([TEA])
        await store.products.release({ productId: 'tea', orderId: 'one' })
        expect(await reserve('one')).toEqual({ kind: 'released' })
        expect(await stock()).toBe(60)
      })

      test('reserving and releasing in a race never lose or invent goods', async () => {
        await store.products.insertMissing([TEA])
        await Promise.all(
          times(60, (i) => [
            reserve(idOf(i), 1),
            store.products.release({ productId: 'tea', orderId: idOf(i) }),
            reserve(idOf(i), 1),
          ]).flat(),
        )
        for (const i of times(60, (n) => n)) expect(await reserve(idOf(i))).toEqual({ kind: 'released' })
        expect(await stock()).toBe(60)
      })

      test('a product is created at the end of the list, and changed where it is', async () => {
        await store.products.insertMissing([TEA])
        const cocoa = { ...TEA, productId: 'cocoa', title: '可可 ☕️', stock: 0 }
        await store.products.put(cocoa)
        await store.products.put({ ...TEA, title: '龙井', priceFen: 250, stock: 9, imageUrl: '/tea.png' })
        await store.products.put({ ...TEA, title: '龙井', priceFen: 250, stock: 9, imageUrl: '/tea.png' })
        expect(await store.products.list()).toEqual([
          { ...TEA, title: '龙井', priceFen: 250, stock: 9, imageUrl: '/tea.png' },
          cocoa,
        ])
      })

      test('stock that is counted anew leaves the goods on hold alone', async () => {
        await store.products.insertMissing([TEA])
        await reserve('one', 7)
        await store.products.put({ ...TEA, stock: 20 })
        expect(await reserve('one', 7)).toEqual({ kind: 'held' })
        expect(await stock()).toBe(20)
        await store.products.release({ productId: 'tea', orderId: 'one' })
        expect(await stock()).toBe(27)
      })

      test('counting while a hundred orders are placed sells no more than were counted', async () => {
        await store.products.insertMissing([{ ...TEA, stock: 0 }])
        const early = times(50, (i) => reserve(idOf(i)))
        const counted = store.products.put({ ...TEA, stock: 30 })
        const late = times(50, (i) => reserve(idOf(50 + i)))
        const answers = await Promise.all([...early, ...late])
        await counted
        const held = countOf(
          answers.map((answer) => answer.kind),
          'held',
        )
        expect(held + ((await stock()) ?? 0)).toBe(30)
      })

      test('goods that are released while others wait are sold to them', async () => {
        await store.products.insertMissing([{ ...TEA, stock: 1 }])
        await reserve('first')
        expect(await reserve('second')).toEqual({ kind: 'short', stock: 0 })
        await store.products.release({ productId: 'tea', orderId: 'first' })
        expect(await reserve('second')).toEqual({ kind: 'held' })
        expect(await stock()).toBe(0)
      })
    })

    describe('people', () => {
      test('owners are made once; everybody else has no role', async () => {
        await store.staff.ensureOwners(['o-boss', 'o-boss', 'o-chief'])
        await store.staff.ensureOwners(['o-boss'])
        await store.staff.ensureOwners([])
        expect(await store.staff.roleOf('o-boss')).toBe('owner')
        expect(await store.staff.roleOf('o-chief')).toBe('owner')
        expect(await store.staff.roleOf('o-shopper')).toBeNull()
      })

      test('roles are given, changed and taken away, however often it is said', async () => {
        await store.staff.ensureOwners(['o-boss'])
        for (const role of ['support', 'support', 'finance'] as const)
          expect(await store.staff.setRole({ openid: 'o-clerk', role })).toBe('done')
        expect(await store.staff.list()).toEqual([
          { openid: 'o-boss', role: 'owner' },
          { openid: 'o-clerk', role: 'finance' },
        ])
        expect(await store.staff.roleOf('o-clerk')).toBe('finance')
        for (const role of [null, null])
          expect(await store.staff.setRole({ openid: 'o-clerk', role })).toBe('done')
        expect(await store.staff.roleOf('o-clerk')).toBeNull()
        expect(await store.staff.list()).toEqual([{ openid: 'o-boss', role: 'owner' }])
      })

      test('the last owner is neither removed nor made less, and may be told to stay what they are', async () => {
        await store.staff.ensureOwners(['o-boss'])
        await store.staff.setRole({ openid: 'o-clerk', role: 'finance' })
        for (const role of [null, 'finance', 'support'] as const)
          expect(await store.staff.setRole({ openid: 'o-boss', role })).toBe('lastOwner')
        expect(await store.staff.setRole({ openid: 'o-boss', role: 'owner' })).toBe('done')
        expect(await store.staff.setRole({ openid: 'o-clerk', role: 'owner' })).toBe('done')
        expect(await store.staff.setRole({ openid: 'o-boss', role: null })).toBe('done')
        expect(await store.staff.setRole({ openid: 'o-clerk', role: null })).toBe('lastOwner')
        expect(await store.staff.list()).toEqual([{ openid: 'o-clerk', role: 'owner' }])
      })

      test('owners who remove each other at once leave one owner', async () => {
        for (let round = 0; round < 10; round++) {
          const owners = times(4, (i) => `o-${round}-${i}`)
          await store.staff.ensureOwners(owners)
          for (const { openid } of await store.staff.list())
            if (!owners.includes(openid)) await store.staff.setRole({ openid, role: null })
          const answers = await Promise.all(
            owners.map((openid, i) => store.staff.setRole({ openid, role: i % 2 === 0 ? null : 'support' })),
          )
          expect(countOf(answers, 'lastOwner')).toBe(1)
          const left = (await store.staff.list()).filter((member) => member.role === 'owner')
          expect(left).toHaveLength(1)
        }
      })

      test('a session is found until it is ended', async () => {
        const session = { id: 's-1', openid: BUYER, expiresAt: Date.now() + 7_200_000 }
        await store.sessions.insert(session)
        await store.sessions.insert({ ...session, id: 's-2' })
        expect(await store.sessions.find('s-1')).toEqual(session)
        await store.sessions.end('s-1')
        await store.sessions.end('s-1')
        expect(await store.sessions.find('s-1')).toBeNull()
        expect(await store.sessions.find('s-2')).toEqual({ ...session, id: 's-2' })
      })
    })

    describe('files', () => {
      const PICTURE = Uint8Array.from([0xff, 0xd8, 0xff, 0, 10, 13, 39, 92, 128, 255])
      const put = (id: string, at = NOON, change: { ownerOpenid?: string; maxLoose?: number } = {}) =>
        store.files.put({
          file: { id, ownerOpenid: change.ownerOpenid ?? BUYER, type: 'image/jpeg', bytes: PICTURE },
          at,
          maxLoose: change.maxLoose ?? 100,
        })
      const bytesOf = async (id: string) => {
        const file = await store.files.get(id)
        return file === null ? null : [...file.bytes]
      }
      const touch = (ids: string[], at: number, ownerOpenid = BUYER) =>
        store.files.touch({ ids, ownerOpenid, at })

      test('a picture comes back byte for byte, and one that is not there is null', async () => {
        expect(await put('one')).toBe(true)
        expect(await store.files.get('one')).toMatchObject({
          id: 'one',
          ownerOpenid: BUYER,
          type: 'image/jpeg',
        })
        expect(await bytesOf('one')).toEqual([...PICTURE])
        expect(await store.files.get('two')).toBeNull()
      })

      test('a picture of two megabytes is kept whole', async () => {
        const bytes = new Uint8Array(2 * 1024 * 1024).fill(7)
        const file = { id: 'large', ownerOpenid: BUYER, type: 'image/png' as const, bytes }
        expect(await store.files.put({ file, at: NOON, maxLoose: 1 })).toBe(true)
        expect((await store.files.get('large'))?.bytes.byteLength).toBe(2_097_152)
      })

      test('nobody has more loose pictures than they may, whatever others have', async () => {
        expect(await put('a', NOON, { maxLoose: 2 })).toBe(true)
        expect(await put('b', NOON, { maxLoose: 2 })).toBe(true)
        expect(await put('c', NOON, { maxLoose: 2 })).toBe(false)
        expect(await store.files.get('c')).toBeNull()
        expect(await put('c', NOON, { maxLoose: 2, ownerOpenid: 'somebody-else' })).toBe(true)
      })

      test('only all of one’s own pictures are one’s own', async () => {
        await put('mine')
        await put('hers', NOON, { ownerOpenid: 'somebody-else' })
        expect(await touch([], NOON)).toBe(true)
        expect(await touch(['mine'], NOON)).toBe(true)
        expect(await touch(['mine', 'hers'], NOON)).toBe(false)
        expect(await touch(['mine', 'nowhere'], NOON)).toBe(false)
      })

      test('what no refund shows is cleared once it is old, oldest first, and not before', async () => {
        for (const i of times(5, (n) => n)) await put(`f${i}`, NOON + i)
        expect(await store.files.clearLoose({ before: NOON, limit: 10 })).toBe(0)
        expect(await store.files.clearLoose({ before: NOON + 4, limit: 3 })).toBe(3)
        expect(await bytesOf('f2')).toBeNull()
        expect(await bytesOf('f3')).not.toBeNull()
        expect(await store.files.clearLoose({ before: NOON + 4, limit: 3 })).toBe(1)
        expect(await bytesOf('f4')).not.toBeNull()
      })

      test('touching starts the time anew', async () => {
        await put('one')
        await touch(['one'], NOON + 10)
        expect(await store.files.clearLoose({ before: NOON + 10, limit: 10 })).toBe(0)
        // Somebody else's touch is none.
        await touch(['one'], NOON + 20, 'somebody-else')
        expect(await store.files.clearLoose({ before: NOON + 11, limit: 10 })).toBe(1)
      })

      test('what a refund shows stays, and is no longer counted as loose', async () => {
        await put('shown')
        await put('loose')
        const order = await placed(anOrder())
        const refunds = [aRefund('r-1', { evidence: ['shown'], state: 'withdrawn' })]
        await store.orders.replace(changed(order, { refunds }), order.version)
        expect(await store.files.clearLoose({ before: NOON + 1, limit: 10 })).toBe(1)
        expect(await store.files.clearLoose({ before: NOON + 1, limit: 10 })).toBe(0)
        expect([await bytesOf('shown'), await bytesOf('loose')]).toEqual([[...PICTURE], null])
        expect(await put('next', NOON, { maxLoose: 1 })).toBe(true)
      })
    })

    describe('news', () => {
      test('is kept once and listed oldest first until it is applied', async () => {
        await store.inbox.put(newsOf('b', NOON - 10))
        await store.inbox.put(newsOf('a', NOON - 20))
        await store.inbox.put(newsOf('c', NOON))
        const hint = { outRefundNo: 'other', outTradeNo: 'other', transactionId: 'other' }
        await store.inbox.put({ ...newsOf('a', NOON - 5), news: { kind: 'refundHint', hint } })
        const waiting = { before: NOON, limit: 10 }
        expect(await store.inbox.listUnapplied(waiting)).toEqual([
          newsOf('a', NOON - 20),
          newsOf('b', NOON - 10),
        ])
        expect(await store.inbox.listUnapplied({ before: NOON, limit: 1 })).toEqual([newsOf('a', NOON - 20)])
        await store.inbox.markApplied('a', NOON)
        await store.inbox.markApplied('unheard-of', NOON)
        expect(await store.inbox.listUnapplied(waiting)).toEqual([newsOf('b', NOON - 10)])
        await store.inbox.put(newsOf('a', NOON - 20))
        expect(await store.inbox.listUnapplied(waiting)).toEqual([newsOf('b', NOON - 10)])
      })

      test('money of an unknown trade that goes back is kept and journaled once', async () => {
        const back = (outRefundNo: string, refundFen: number, transactionId = '4200011') => ({
          transactionId,
          outRefundNo,
          refundFen,
          journal: {
            ...entryOf(`refund:${outRefundNo}`),
            lines: [
              { account: 'wechat:receivable' as const, fen: -refundFen },
              { account: 'shop:suspense' as const, fen: refundFen },
            ],
          },
        })
        expect(await store.strays.find('4200011')).toBeNull()
        expect(await store.strays.addRefund(back('p0', 100))).toBe(false)
        const stray = strayOf('4200011')
        const { totalFen: paidFen } = stray.news
        await store.strays.insert(stray)
        await store.journal.publish({ limit: 10 })
        expect(await store.strays.find('4200011')).toEqual({ paidFen, refundedFen: 0 })
        const answers = await Promise.all(times(4, () => store.strays.addRefund(back('p1', 200))))
        expect(countOf(answers, true)).toBe(1)
        expect(await store.strays.addRefund(back('p2', 300))).toBe(true)
        expect(await store.strays.find('4200011')).toEqual({ paidFen, refundedFen: 500 })
        const { id } = stray.attention
        await store.attention.resolveStray({ id, at: NOON + 9, by: 'system', note: '' })
        expect(await store.strays.addRefund(back('p3', 50))).toBe(true)
        expect(await store.attention.find(id)).toMatchObject({ resolvedAt: NOON + 9 })
        while ((await store.journal.publish({ limit: 10 })) > 0);
        const ledger = await readWholeLedger(store, 10)
        const suspense = ledger.filter(({ account }) => account === 'shop:suspense')
        expect(suspense.map(({ orderId, cause, fen }) => [orderId, cause, fen]).sort()).toEqual([
          [null, 'payment:4200011', -700],
          [null, 'refund:p1', 200],
          [null, 'refund:p2', 300],
          [null, 'refund:p3', 50],
        ])
      })

      test('money for an unknown trade is journaled and flagged once', async () => {
        const answers = await Promise.all(times(10, () => store.strays.insert(strayOf('4200009'))))
        expect(countOf(answers, true)).toBe(1)
        expect(await store.strays.insert(strayOf('4200010'))).toBe(true)
        expect(await store.journal.publish({ limit: 10 })).toBe(2)
        const ledger = await readWholeLedger(store, 10)
        expect(ledger.map((e) => [e.orderId, e.account, e.fen, e.cause])).toEqual([
          [null, 'wechat:receivable', 700, 'payment:4200009'],
          [null, 'shop:suspense', -700, 'payment:4200009'],
          [null, 'wechat:receivable', 700, 'payment:4200010'],
          [null, 'shop:suspense', -700, 'payment:4200010'],
        ])
        expect(await store.attention.listOpen({ limit: 10 })).toEqual([
          {
            id: 'unknownTrade-4200010',
            kind: 'unknownTrade',
            since: '2026-11-23T04:00:00.000Z',
            summary: 'not our trade',
          },
          {
            id: 'unknownTrade-4200009',
            kind: 'unknownTrade',
            since: '2026-11-23T04:00:00.000Z',
            summary: 'not our trade',
          },
        ])
      })
    })

    describe('what needs a person', () => {
      test('follows its order: open, then resolved', async () => {
        const order = await placed(anOrder())
        const flagged = changed(order, { attention: [attentionOf('first'), attentionOf('second')] })
        await store.orders.replace(flagged, order.version)
        expect(await store.attention.listOpen({ limit: 10 })).toEqual([
          {
            id: 'second',
            kind: 'amountMismatch',
            orderId: order.id,
            since: '2026-11-23T04:00:00.000Z',
            summary: 'paid another amount than the order asks for',
          },
          {
            id: 'first',
            kind: 'amountMismatch',
            orderId: order.id,
            since: '2026-11-23T04:00:00.000Z',
            summary: 'paid another amount than the order asks for',
          },
        ])
        const resolved = changed(flagged, {
          attention: [attentionOf('first', { resolvedAt: NOON + 1 }), attentionOf('second')],
        })
        await store.orders.replace(resolved, flagged.version)
        expect((await store.attention.listOpen({ limit: 10 })).map((item) => item.id)).toEqual(['second'])
      })

      test('a write that loses flags nothing', async () => {
        const order = await placed(anOrder())
        await store.orders.replace(changed(order, {}), order.version)
        await store.orders.replace(changed(order, { attention: [attentionOf('late')] }), order.version)
        expect(await store.attention.listOpen({ limit: 10 })).toEqual([])
      })

      test('is paged newest first without a gap or a repeat', async () => {
        for (const i of times(25, (n) => n))
          await placed(
            anOrder({
              id: idOf(i),
              attention: [
                attentionOf(`flag-${String(i).padStart(2, '0')}`, { since: NOON + Math.floor(i / 4) }),
              ],
            }),
          )
        const seen: string[] = []
        let after: { since: number; id: string } | undefined
        for (;;) {
          const page = await store.attention.listOpen({ ...(after === undefined ? {} : { after }), limit: 7 })
          const last = page.at(-1)
          if (last === undefined) break
          seen.push(...page.map((item) => item.id))
          after = { since: Date.parse(last.since), id: last.id }
        }
        expect(seen).toEqual(times(25, (i) => `flag-${String(24 - i).padStart(2, '0')}`))
      })

      test('is paged without a gap or a repeat while things are flagged and resolved', async () => {
        const idAt = (i: number) => `flag-${String(i).padStart(2, '0')}`
        let order = await placed(
          anOrder({ attention: times(12, (i) => attentionOf(idAt(i), { since: NOON + Math.floor(i / 4) })) }),
        )
        const seen: string[] = []
        for (let after: { since: number; id: string } | undefined, page = 0; page < 4; page++) {
          const items = await store.attention.listOpen({
            ...(after === undefined ? {} : { after }),
            limit: 5,
          })
          seen.push(...items.map((item) => item.id))
          const last = items.at(-1)
          if (last !== undefined) after = { since: Date.parse(last.since), id: last.id }
          // What was seen is resolved, and something new is flagged before it.
          const attention = order.attention.map((a) =>
            seen.includes(a.id) ? { ...a, resolvedAt: NOON + 100 } : a,
          )
          const next = changed(order, {
            attention: [...attention, attentionOf(`new-${page}`, { since: NOON + 200 + page })],
          })
          expect(await store.orders.replace(next, order.version)).toBe(true)
          order = next
        }
        expect(seen).toEqual(times(12, (i) => idAt(11 - i)))
        const fresh = await store.attention.listOpen({ limit: 10 })
        expect(fresh.map((item) => item.id)).toEqual(['new-3', 'new-2', 'new-1', 'new-0'])
      })
    })

    describe('refunds', () => {
      const withRefunds = async (id: string, refunds: readonly Refund[], change: Partial<Order> = {}) => {
        const order = await placed(anOrder({ id, ...change }))
        const next = changed(order, { refunds })
        expect(await store.orders.replace(next, order.version)).toBe(true)
        return next
      }
      const found = (rows: readonly { refundId: string }[]) => rows.map((row) => row.refundId)
      const all = { oldestFirst: true, limit: 100 }

      test('are found by buyer, newest first, each with its order', async () => {
        const mine = await withRefunds('a', [aRefund('a-1'), aRefund('a-2', { requestedAt: NOON + 1 })])
        await withRefunds('b', [aRefund('b-1')], { buyerOpenid: 'somebody-else' })
        const rows = await store.refunds.listByBuyer({ buyerOpenid: BUYER, limit: 100 })
        expect(found(rows)).toEqual(['a-2', 'a-1'])
        expect(rows[0]?.order).toEqual(mine)
      })

      test('are found by state as it is now, whoever waits longest first', async () => {
        const order = await withRefunds('a', [aRefund('a-1', { requestedAt: NOON + 5 }), aRefund('a-2')])
        await withRefunds('b', [aRefund('b-1', { requestedAt: NOON + 1 })])
        expect(found(await store.refunds.list({ ...all, status: 'requested' }))).toEqual([
          'a-2',
          'b-1',
          'a-1',
        ])
        const decided = order.refunds.map((r) => (r.id === 'a-2' ? { ...r, state: 'rejected' as const } : r))
        await store.orders.replace(changed(order, { refunds: decided }), order.version)
        expect(found(await store.refunds.list({ ...all, status: 'requested' }))).toEqual(['b-1', 'a-1'])
        expect(found(await store.refunds.list({ ...all, status: 'rejected' }))).toEqual(['a-2'])
        expect(found(await store.refunds.list({ ...all, oldestFirst: false }))).toEqual(['a-1', 'b-1', 'a-2'])
      })

      test('are found by every number they have, whole numbers only', async () => {
        const source = { transactionId: '42009', totalFen: 2_580, suspense: false }
        await withRefunds('a', [aRefund('a-1', { source })])
        for (const q of ['a', 'a-1', '42009'])
          expect([q, found(await store.refunds.list({ ...all, q }))]).toEqual([q, ['a-1']])
        for (const q of ['4200', "' or 1=1 --", '%'])
          expect(await store.refunds.list({ ...all, q })).toEqual([])
      })

      test('are paged without a gap or a repeat', async () => {
        await withRefunds(
          'a',
          times(23, (i) => aRefund(`a-${String(i).padStart(2, '0')}`, { requestedAt: NOON + (i % 4) })),
        )
        for (const oldestFirst of [true, false]) {
          const seen: string[] = []
          for (let after: { requestedAt: number; id: string } | undefined; ; ) {
            const page = await store.refunds.list({
              oldestFirst,
              limit: 7,
              ...(after === undefined ? {} : { after }),
            })
            seen.push(...found(page))
            const last = page.at(-1)
            const refund = last?.order.refunds.find((r) => r.id === last.refundId)
            if (refund === undefined) break
            after = { requestedAt: refund.requestedAt, id: refund.id }
          }
          expect(seen).toEqual(found(await store.refunds.list({ oldestFirst, limit: 100 })))
          expect(new Set(seen).size).toBe(23)
        }
      })

      test('are paged without a gap or a repeat while others are asked for and decided', async () => {
        const idAt = (i: number) => `a-${String(i).padStart(2, '0')}`
        let order = await withRefunds(
          'a',
          times(20, (i) => aRefund(idAt(i), { requestedAt: NOON + Math.floor(i / 3) })),
        )
        const seen: string[] = []
        for (let after: { requestedAt: number; id: string } | undefined, page = 0; ; page++) {
          const rows = await store.refunds.list({
            oldestFirst: false,
            limit: 6,
            ...(after === undefined ? {} : { after }),
          })
          seen.push(...found(rows))
          const last = rows.at(-1)
          const refund = last?.order.refunds.find((r) => r.id === last.refundId)
          if (refund === undefined) break
          after = { requestedAt: refund.requestedAt, id: refund.id }
          const refunds = order.refunds.map((r) =>
            r.id === idAt(page) ? { ...r, state: 'rejected' as const } : r,
          )
          const next = changed(order, {
            refunds: [...refunds, aRefund(`new-${page}`, { requestedAt: NOON + 99 })],
          })
          expect(await store.orders.replace(next, order.version)).toBe(true)
          order = next
        }
        expect(seen).toEqual(times(20, (i) => idAt(19 - i)))
      })

      test('a write that loses changes nothing about them', async () => {
        const order = await withRefunds('a', [aRefund('a-1')])
        const late = changed(order, { refunds: [aRefund('a-1', { state: 'rejected' })] })
        expect(await store.orders.replace({ ...late, version: order.version }, order.version - 1)).toBe(false)
        expect(found(await store.refunds.list({ ...all, status: 'requested' }))).toEqual(['a-1'])
      })

      test('their goods go back on the shelf once, however many jobs put them there', async () => {
        await store.products.insertMissing([TEA])
        await Promise.all(
          times(20, () => store.products.restock({ productId: 'tea', refundId: 'a-1', quantity: 3 })),
        )
        expect((await store.products.get('tea'))?.stock).toBe(63)
      })
    })

    describe('all orders', () => {
      test('are listed newest first and found by their own or their transaction’s number', async () => {
        await placed(anOrder({ id: 'a' }))
        await placed(anOrder({ id: 'b', createdAt: NOON + 1, buyerOpenid: 'other' }))
        await placed(aPlacingOrder({ id: 'c' }))
        expect(idsOf(await store.orders.list({ limit: 10 }))).toEqual(['b', 'a'])
        expect(idsOf(await store.orders.list({ q: 'a', limit: 10 }))).toEqual(['a'])
        expect(
          idsOf(await store.orders.list({ after: { createdAt: NOON + 1, id: 'b' }, limit: 10 })),
        ).toEqual(['a'])
        expect(await store.orders.list({ q: 'c', limit: 10 })).toEqual([])
      })
    })

    test('attention is found with its order, and without one it is resolved by itself', async () => {
      const order = await placed(anOrder())
      await store.orders.replace(changed(order, { attention: [attentionOf('x')] }), order.version)
      const { kind, summary } = attentionOf('x')
      const item = { id: 'x', kind, orderId: order.id, since: new Date(NOON).toISOString(), summary }
      expect(await store.attention.find('x')).toEqual({
        orderId: order.id,
        resolvedAt: null,
        resolution: null,
        item,
      })
      expect(await store.attention.find('none')).toBeNull()
      const stray = strayOf('42001')
      await store.strays.insert(stray)
      const open = await store.attention.find(stray.attention.id)
      expect(open?.item).toEqual((await store.attention.listOpen({ limit: 10 })).find((a) => a.id !== 'x'))
      expect(open?.resolution).toBeNull()
      const { id } = stray.attention
      await store.attention.resolveStray({ id, at: NOON + 9, by: 'oOwner', note: '已退回' })
      // Whoever comes later changes nothing.
      await store.attention.resolveStray({ id, at: NOON + 99, by: 'oFinance', note: '我来处理' })
      await store.attention.resolveStray({ id: 'x', at: NOON + 9, by: 'oOwner', note: 'not a stray' })
      expect(await store.attention.find(id)).toEqual({
        orderId: null,
        resolvedAt: NOON + 9,
        resolution: { by: 'oOwner', action: null, note: '已退回' },
        item: open?.item,
      })
      expect(await store.attention.find('x')).toMatchObject({ orderId: order.id, resolvedAt: null })
    })

    test('an open store answers a ping, and closing twice is one close', async () => {
      await store.ping()
      await store.close()
      await store.close()
    })
  })
}
