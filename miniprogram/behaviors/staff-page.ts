/** @module What the pages of staff do alike when their content is not there, or can not be had again. */
import { say } from '../services/dialogue'
import { isNotAllowed, LOADING, type Placeholder, staffFailureText } from '../view/staff-failure'

/** A page that spreads `staffPage` into itself. */
interface StaffPage {
  readonly data: { readonly place: Placeholder }
  setData(data: { place: Placeholder }): void
  load(): Promise<void>
  /** Takes everything off the screen and says why. */
  fail(error: unknown): void
}

export const staffPage = {
  async onPullDownRefresh(this: StaffPage) {
    await this.load()
    wx.stopPullDownRefresh()
  },

  /** The button of the placeholder. */
  onAct(this: StaffPage) {
    if (this.data.place.action !== '') {
      wx.switchTab({ url: '/pages/me/me' })
      return
    }
    this.setData({ place: LOADING })
    this.load()
  },

  /** What is on the screen stays there, unless it is none of this person's business any more. */
  sayOrFail(this: StaffPage, error: unknown) {
    if (this.data.place.state === 'there' && !isNotAllowed(error)) say(staffFailureText(error))
    else this.fail(error)
  },
}
