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
  /** The first page again. @throws what `ask` throws, unless overtaken */
  readonly load: () => Promise<Loaded>
  /** The next page, each item once. @throws what `ask` throws, unless overtaken */
  readonly loadMore: () => Promise<Loaded>
  /** Empties the list; an answer still on its way is overtaken. */
  readonly clear: () => void
  /** Puts a fresh item in the place of the old one; `null` takes it out. */
  readonly replace: (id: string, fresh: T | null) => void
}

export const createPager = <T>({ ask, idOf }: PagerPorts<T>): Pager<T> => {
  let items: readonly T[] = []
  let nextCursor: string | null = null
  let loads = 0

  const take = async (cursor: string | null, thisLoad: number): Promise<Loaded> => {
    try {
      const page = await ask(cursor)
      if (thisLoad !== loads) return 'overtaken'
      const known = new Set(cursor === null ? [] : items.map(idOf))
      const fresh = page.items.filter((item) => !known.has(idOf(item)))
      items = cursor === null ? fresh : [...items, ...fresh]
      nextCursor = page.nextCursor
      return 'loaded'
    } catch (error) {
      if (thisLoad !== loads) return 'overtaken'
      throw error
    }
  }

  return {
    items: () => items,
    hasMore: () => nextCursor !== null,
    load: () => {
      loads += 1
      return take(null, loads)
    },
    loadMore: async () => (nextCursor === null ? 'loaded' : take(nextCursor, loads)),
    clear: () => {
      loads += 1
      items = []
      nextCursor = null
    },
    replace: (id, fresh) => {
      items = items.flatMap((item) => {
        if (idOf(item) !== id) return [item]
        return fresh === null ? [] : [fresh]
      })
    },
  }
}

/** For a page's field: WeChat copies fields for each page it opens, so the real one is made in onLoad. */
export const noPager = <T>(): Pager<T> =>
  createPager<T>({ ask: async () => ({ items: [], nextCursor: null }), idOf: String })
