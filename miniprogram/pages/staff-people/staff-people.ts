/** @module 店员管理, for the owner: who has which role; added, changed and removed by a second tap. */
import type { Me, StaffMember } from '@yuanlu/contract'
import { staffPage } from '../../behaviors/staff-page'
import { staffPeopleCopy } from '../../copy/staff-people'
import { api } from '../../services/api'
import { say, tell } from '../../services/dialogue'
import { failedPlaceholder, isNotAllowed, LOADING, THERE } from '../../view/staff-failure'
import {
  addSheet,
  changeSheet,
  isRole,
  type MemberView,
  memberViews,
  type PeopleForm,
  type PeopleSheet,
  type PeopleWish,
  peopleFailureText,
  peopleOutcome,
  readPeopleForm,
  removeSheet,
  roleChoices,
} from '../../view/staff-people'

const NOT_FOUND = { title: staffPeopleCopy.emptyTitle, hint: staffPeopleCopy.emptyHint }
const EMPTY_FORM: PeopleForm = { openid: '', role: null }

Page({
  ...staffPage,

  data: {
    copy: staffPeopleCopy,
    roles: roleChoices,
    place: LOADING,
    people: [] as MemberView[],
    sheet: null as PeopleSheet | null,
    form: EMPTY_FORM,
    hint: '',
    busy: false,
  },

  members: [] as readonly StaffMember[],
  me: { openid: '', roles: [] } as Me,

  onShow() {
    this.load()
  },

  async load() {
    try {
      const [me, { items }] = await Promise.all([api.getMe(), api.listStaff()])
      this.me = me
      this.members = items
      this.setData({ place: THERE, people: memberViews(items, me) })
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    this.setData({ people: [], sheet: null, place: failedPlaceholder(error, NOT_FOUND) })
  },

  open(sheet: PeopleSheet) {
    if (!this.data.busy) this.setData({ sheet, form: { openid: '', role: sheet.role }, hint: '' })
  },

  memberOf(event: WechatMiniprogram.BaseEvent): StaffMember | undefined {
    return this.members.find(({ openid }) => openid === event.currentTarget.dataset.openid)
  },

  onAdd() {
    this.open(addSheet)
  },

  onChange(event: WechatMiniprogram.BaseEvent) {
    const member = this.memberOf(event)
    if (member !== undefined) this.open(changeSheet(member, this.me))
  },

  onRemove(event: WechatMiniprogram.BaseEvent) {
    const member = this.memberOf(event)
    if (member !== undefined) this.open(removeSheet(member, this.me))
  },

  onCloseSheet() {
    if (!this.data.busy) this.setData({ sheet: null })
  },

  onOpenid(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.openid': event.detail.value, hint: '' })
  },

  onRole(event: WechatMiniprogram.BaseEvent) {
    const { role } = event.currentTarget.dataset
    if (isRole(role) && !this.data.busy) this.setData({ 'form.role': role, hint: '' })
  },

  async onConfirm() {
    const { sheet, form, busy } = this.data
    if (sheet === null || busy) return
    const wish = readPeopleForm(sheet, form, this.members)
    if (wish.kind === 'problem') {
      this.setData({ hint: wish.problem })
      return
    }
    this.setData({ busy: true })
    try {
      await this.send(wish)
      this.setData({ sheet: null })
      await this.load()
      if (this.data.place.state === 'there') say(peopleOutcome(sheet))
    } catch (error) {
      this.setData({ sheet: null })
      await this.load()
      if (!isNotAllowed(error)) await tell(peopleFailureText(error))
    } finally {
      this.setData({ busy: false })
    }
  },

  async send(wish: Exclude<PeopleWish, { kind: 'problem' }>) {
    const params = { openid: wish.openid }
    if (wish.kind === 'put') await api.putStaff({ params, body: { role: wish.role } })
    else await api.removeStaff({ params })
  },
})
