/** @module The staff's card on 我的: the role, the ways in, and what waits behind each. */
import type { Role } from '@yuanlu/contract'
import { staffDeskCopy as copy, staffRoleCopy } from '../copy/staff'
import type { StaffCounts } from '../services/staff'
import { mayCall } from './staff-role'

export interface DeskLink {
  readonly url: string
  readonly icon: string
  readonly text: string
  /** Empty when nothing waits or nothing is known. */
  readonly badge: string
  readonly label: string
}

export interface DeskView {
  /** False for a shopper: no card. */
  readonly shown: boolean
  readonly title: string
  readonly role: string
  readonly links: readonly DeskLink[]
  /** New requests are announced to those who may decide on them. */
  readonly isTold: boolean
}

export const NO_DESK: DeskView = { shown: false, title: '', role: '', links: [], isTold: false }

const link = (page: string, icon: string, text: string, badge = ''): DeskLink => ({
  url: `/pages/${page}/${page}`,
  icon,
  text,
  badge,
  label: badge === '' ? text : copy.badge(text, badge),
})

/** `counts` is null until they are known: then no badge claims that nothing waits. */
export const deskView = (roles: readonly Role[], counts: StaffCounts | null): DeskView => {
  const [role] = roles
  if (role === undefined) return NO_DESK
  return {
    shown: true,
    title: copy.title,
    role: staffRoleCopy[role],
    isTold: mayCall(roles, 'approveRefund'),
    links: [
      link('staff-refunds', 'assignment-checked', copy.refunds, counts?.requests),
      link('staff-attention', 'error-circle', copy.attention, counts?.attention),
      link('staff-orders', 'root-list', copy.orders),
      link('staff-products', 'shop', copy.products),
      ...(mayCall(roles, 'listStaff') ? [link('staff-people', 'usergroup', copy.people)] : []),
    ],
  }
}
