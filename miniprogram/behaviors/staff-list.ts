/** @module What 全部订单 and 退款审批 do alike: tabs, a search, and an item whose page was open comes back fresh. */
import { say } from '../services/dialogue'
import type { Pager } from '../services/pager'
import { isNotAllowed, LOADING, type Placeholder, staffFailureText } from '../view/staff-failure'
import { searchText } from '../view/staff-refunds'
import { growingList } from './growing-list'
import { staffPage } from './staff-page'

/** What sets one list apart from the other. */
interface StaffListPorts<T, Tab> {
  readonly isTab: (value: unknown) => value is Tab
  /** The item as it now is; `null` when it has left the tab. */
  readonly again: (id: string, tab: Tab | 'all') => Promise<T | null>
}

/** A page that spreads a `staffList` into itself. */
interface StaffListPage<T, Tab> {
  readonly data: { readonly tab: Tab | 'all'; readonly q: string; readonly place: Placeholder }
  setData(data: { tab: Tab | 'all'; q: string; place: Placeholder; cards: never[] }): void
  readonly pager: Pager<T>
  openedId: string
  open(tab: Tab | 'all', q: string): void
  load(): Promise<void>
  show(): void
  fail(error: unknown): void
}

export const staffList = <T, Tab extends string>({ isTab, again }: StaffListPorts<T, Tab>) => ({
  ...growingList,
  ...staffPage,

  /** The item whose page is open above this one. */
  openedId: '',

  onTab(this: StaffListPage<T, Tab>, event: WechatMiniprogram.CustomEvent<{ value: unknown }>) {
    const { value } = event.detail
    if (isTab(value) && value !== this.data.tab) this.open(value, this.data.q)
  },

  /** A number is looked for in every state. */
  onSearch(this: StaffListPage<T, Tab>, event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    const q = searchText(event.detail.value)
    if (q !== this.data.q) this.open(q === '' ? this.data.tab : 'all', q)
  },

  open(this: StaffListPage<T, Tab>, tab: Tab | 'all', q: string) {
    this.pager.clear()
    this.setData({ tab, q, place: LOADING, cards: [] })
    this.load()
  },

  /** Back from an item's page: only that one can have changed, and the list stays where it was scrolled to. */
  async refreshOpened(this: StaffListPage<T, Tab>) {
    const id = this.openedId
    this.openedId = ''
    try {
      if ((await this.pager.refresh(id, () => again(id, this.data.tab))) === 'loaded') this.show()
    } catch (error) {
      if (isNotAllowed(error)) this.fail(error)
      else say(staffFailureText(error))
    }
  },
})
