/** @module A list that grows page by page. An answer that a newer question has overtaken changes nothing. */

interface PageOf<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

interface PagerPorts<T> {
  readonly ask: (cursor: string | null) => Promise<PageOf<T>>
  readonly idOf: (item: T) => string
}

/** `overtaken`: a newer load has begun, the caller leaves the screen to it. */
export type Loaded = 'loaded' | 'overtaken'

export interface Pager<T> {
  readonly items: () => readonly T[]
  readonly hasMore: () => boolean
  /** The first page again, and whatever else the screen waits for. @throws what either throws, unless overtaken */
  readonly load: (beside?: Promise<unknown>) => Promise<Loaded>
  /** The next page, each item once. @throws what `ask` throws, unless overtaken */
  readonly loadMore: () => Promise<Loaded>
  /** Empties the list; an answer still on its way is overtaken. */
  readonly clear: () => void
  /** Puts the answer in the place of this item; `null` takes it out. @throws what `again` throws, unless overtaken */
  readonly refresh: (id: string, again: () => Promise<T | null>) => Promise<Loaded>
}

export const createPager = <T>({ ask, idOf }: PagerPorts<T>): Pager<T> => {
  let items: readonly T[] = []
  let nextCursor: string | null = null
  let loads = 0

  /** Only an answer to the last load, or to something that was asked since, may change the list. */
  const unlessOvertaken = async <A>(asked: Promise<A>, put: (answer: A) => void): Promise<Loaded> => {
    const thisLoad = loads
    try {
      const answer = await asked
      if (thisLoad !== loads) return 'overtaken'
      put(answer)
      return 'loaded'
    } catch (error) {
      if (thisLoad !== loads) return 'overtaken'
      throw error
    }
  }

  return {
    items: () => items,
    hasMore: () => nextCursor !== null,
    load: (beside) => {
      loads += 1
      return unlessOvertaken(Promise.all([ask(null), beside]), ([page]) => {
        items = page.items
        nextCursor = page.nextCursor
      })
    },
    loadMore: async () => {
      if (nextCursor === null) return 'loaded'
      return unlessOvertaken(ask(nextCursor), (page) => {
        const known = new Set(items.map(idOf))
        items = [...items, ...page.items.filter((item) => !known.has(idOf(item)))]
        nextCursor = page.nextCursor
      })
    },
    clear: () => {
      loads += 1
      items = []
      nextCursor = null
    },
    refresh: (id, again) =>
      unlessOvertaken(again(), (fresh) => {
        items = items.flatMap((item) => (idOf(item) !== id ? [item] : fresh === null ? [] : [fresh]))
      }),
  }
}

/** For a page's field: WeChat copies fields for each page it opens, so the real one is made in onLoad. */
export const noPager = <T>(): Pager<T> =>
  createPager<T>({ ask: async () => ({ items: [], nextCursor: null }), idOf: String })
