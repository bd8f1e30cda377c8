/**
 * @module The foot of a list that grows: more when the bottom is reached, and another try where that failed.
 * Spread into the page and no `Behavior()`: so the compiler knows its handlers as the page's own, and checks the templates.
 */
import type { Pager } from '../services/pager'

/** What stands at the foot. */
export type ListFoot = 'end' | 'more' | 'loading' | 'failed'

/** A page that spreads `growingList` into itself. */
interface GrowingListPage {
  readonly data: { readonly cards: readonly unknown[]; readonly more: ListFoot }
  setData(data: { more: ListFoot }): void
  readonly pager: Pick<Pager<unknown>, 'loadMore'>
  show(): void
  loadMore(): Promise<void>
}

export const listFoot = (pager: Pick<Pager<unknown>, 'hasMore'>): ListFoot =>
  pager.hasMore() ? 'more' : 'end'

export const growingList = {
  onReachBottom(this: GrowingListPage) {
    if (this.data.cards.length > 0 && this.data.more === 'more') this.loadMore()
  },

  onMore(this: GrowingListPage) {
    if (this.data.more === 'failed') this.loadMore()
  },

  async loadMore(this: GrowingListPage) {
    this.setData({ more: 'loading' })
    try {
      if ((await this.pager.loadMore()) === 'loaded') this.show()
    } catch {
      this.setData({ more: 'failed' })
    }
  },
}
