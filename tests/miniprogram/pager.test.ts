/** @module A list that grows page by page, and answers that come when nobody waits for them any more. */
import { createPager, noPager } from '../../miniprogram/services/pager.ts'

interface Item {
  readonly id: string
  readonly text?: string
}

/** An answer that the test gives when it likes. */
const anAnswer = <T>() => {
  let resolve: (answer: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const pageOf = (ids: string, nextCursor: string | null = null) => ({
  items: [...ids].map((id): Item => ({ id })),
  nextCursor,
})

/** A pager, and the answer to each of its questions in turn. */
const aPager = () => {
  const asked: (string | null)[] = []
  const answers: ReturnType<typeof anAnswer<ReturnType<typeof pageOf>>>[] = []
  const pager = createPager<Item>({
    ask: (cursor) => {
      const answer = anAnswer<ReturnType<typeof pageOf>>()
      asked.push(cursor)
      answers.push(answer)
      return answer.promise
    },
    idOf: ({ id }) => id,
  })
  const answer = (i: number, ids: string, nextCursor: string | null = null) =>
    answers[i]?.resolve(pageOf(ids, nextCursor))
  const fail = (i: number) => answers[i]?.reject(new Error('no network'))
  const shown = () => pager.items().map(({ id, text = '' }) => `${id}${text}`)
  return { pager, asked, answer, fail, shown }
}

/** Its first page is there. */
const aLoadedPager = async (ids: string, nextCursor: string | null = null) => {
  const started = aPager()
  const loading = started.pager.load()
  started.answer(0, ids, nextCursor)
  await loading
  return started
}

describe('page by page', () => {
  test('it asks from the cursor on, until there is none', async () => {
    const { pager, asked, answer, shown } = await aLoadedPager('ab', 'c1')
    expect(pager.hasMore()).toBe(true)
    const more = pager.loadMore()
    answer(1, 'cd')
    expect(await more).toBe('loaded')
    expect(shown()).toEqual(['a', 'b', 'c', 'd'])
    expect(pager.hasMore()).toBe(false)
    expect(await pager.loadMore()).toBe('loaded')
    expect(asked).toEqual([null, 'c1'])
  })

  test('an item that a next page repeats is shown once', async () => {
    const { pager, answer, shown } = await aLoadedPager('ab', 'c1')
    const more = pager.loadMore()
    answer(1, 'bc')
    await more
    expect(shown()).toEqual(['a', 'b', 'c'])
  })

  test('a failure is told, keeps what is there, and may be tried again', async () => {
    const { pager, answer, fail, shown } = await aLoadedPager('a', 'c1')
    const more = pager.loadMore()
    fail(1)
    await expect(more).rejects.toThrow('no network')
    expect([shown(), pager.hasMore()]).toEqual([['a'], true])
    const again = pager.loadMore()
    answer(2, 'b')
    await again
    expect(shown()).toEqual(['a', 'b'])
  })
})

describe('overtaken', () => {
  test('of two loads the later one counts, whichever answers first', async () => {
    const { pager, answer, shown } = aPager()
    const [first, second] = [pager.load(), pager.load()]
    answer(1, 'b')
    answer(0, 'a')
    expect([await first, await second]).toEqual(['overtaken', 'loaded'])
    expect(shown()).toEqual(['b'])
  })

  test('a failure of what was overtaken is nobody’s business any more', async () => {
    const { pager, answer, fail } = aPager()
    const [first, second] = [pager.load(), pager.load()]
    fail(0)
    answer(1, 'b')
    expect([await first, await second]).toEqual(['overtaken', 'loaded'])
  })

  test('a next page that comes after a new beginning is dropped', async () => {
    const { pager, answer, shown } = await aLoadedPager('a', 'c1')
    const more = pager.loadMore()
    const load = pager.load()
    answer(2, 'x')
    answer(1, 'b')
    expect([await more, await load]).toEqual(['overtaken', 'loaded'])
    expect(shown()).toEqual(['x'])
  })

  test('an answer to a list that was emptied meanwhile is dropped', async () => {
    const { pager, answer, shown } = aPager()
    const load = pager.load()
    pager.clear()
    answer(0, 'a')
    expect(await load).toBe('overtaken')
    expect([shown(), pager.hasMore()]).toEqual([[], false])
  })
})

describe('what else the screen waits for', () => {
  test('the page is there when both are', async () => {
    const { pager, answer, shown } = aPager()
    const pictures = anAnswer<void>()
    const load = pager.load(pictures.promise)
    answer(0, 'a')
    await Promise.resolve()
    expect(shown()).toEqual([])
    pictures.resolve()
    expect(await load).toBe('loaded')
    expect(shown()).toEqual(['a'])
  })

  test('while it is on its way a newer load overtakes all of it', async () => {
    const { pager, answer } = aPager()
    const pictures = anAnswer<void>()
    const load = pager.load(pictures.promise)
    answer(0, 'a')
    pager.clear()
    pictures.resolve()
    expect(await load).toBe('overtaken')
  })

  test('its failure is the load’s', async () => {
    const { pager, answer } = aPager()
    const load = pager.load(Promise.reject(new Error('who are you?')))
    answer(0, 'a')
    await expect(load).rejects.toThrow('who are you?')
  })
})

describe('one item again', () => {
  test('what changed stands where it stood; what left is taken out', async () => {
    const { pager, shown } = await aLoadedPager('abc')
    expect(await pager.refresh('b', async () => ({ id: 'b', text: '!' }))).toBe('loaded')
    expect(shown()).toEqual(['a', 'b!', 'c'])
    await pager.refresh('a', async () => null)
    expect(shown()).toEqual(['b!', 'c'])
  })

  test('an answer that a newer load has overtaken is dropped, and so is its failure', async () => {
    const { pager, answer, shown } = await aLoadedPager('ab')
    const [late, failing] = [anAnswer<Item>(), anAnswer<Item>()]
    const refreshes = [late, failing].map((item) => pager.refresh('a', () => item.promise))
    const load = pager.load()
    answer(1, 'ab')
    await load
    late.resolve({ id: 'a', text: ' of before' })
    failing.reject(new Error('no network'))
    expect(await Promise.all(refreshes)).toEqual(['overtaken', 'overtaken'])
    expect(shown()).toEqual(['a', 'b'])
  })

  test('a failure that nothing overtook is told', async () => {
    const { pager } = await aLoadedPager('a')
    await expect(pager.refresh('a', () => Promise.reject(new Error('no network')))).rejects.toThrow(
      'no network',
    )
  })
})

test('before a page is open its list is empty', async () => {
  const pager = noPager<Item>()
  expect(await pager.load()).toBe('loaded')
  expect([pager.items(), pager.hasMore()]).toEqual([[], false])
})
