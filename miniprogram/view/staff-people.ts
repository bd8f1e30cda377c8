/** @module The people behind the counter: who has which role, what a change restates, what is missing in it. */
import { type Me, ROLES, type Role, type StaffMember } from '@yuanlu/contract'
import { staffRoleCopy } from '../copy/staff'
import { staffPeopleCopy as copy, staffRoleHintCopy } from '../copy/staff-people'
import { isFailure } from '../services/api-failure'
import { decisionFailureText } from './staff-failure'
import type { SheetView } from './staff-sheet'

export interface MemberView {
  readonly openid: string
  readonly role: string
  readonly hint: string
  /** The one who is looking. */
  readonly isMe: boolean
}

/** Owners first, then who may do less; people of one role stand as the server names them. */
export const memberViews = (members: readonly StaffMember[], me: Me): MemberView[] =>
  [...members]
    .sort((a, b) => ROLES.indexOf(b.role) - ROLES.indexOf(a.role))
    .map(({ openid, role }) => ({
      openid,
      role: staffRoleCopy[role],
      hint: staffRoleHintCopy[role],
      isMe: openid === me.openid,
    }))

export interface RoleChoice {
  readonly value: Role
  readonly name: string
  readonly hint: string
}

export const roleChoices: readonly RoleChoice[] = ROLES.map((role) => ({
  value: role,
  name: staffRoleCopy[role],
  hint: staffRoleHintCopy[role],
}))

export const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value)

export interface PeopleSheet extends SheetView {
  readonly action: 'add' | 'change' | 'remove'
  /** Whose role changes; empty when it is still to be typed. */
  readonly openid: string
  /** The role before the change. */
  readonly role: Role | null
}

export const addSheet: PeopleSheet = {
  action: 'add',
  openid: '',
  role: null,
  title: copy.addTitle,
  rows: [],
  warning: copy.openidHint,
  confirm: copy.addConfirm,
  danger: false,
}

const restated = ({ openid, role }: StaffMember) => [
  { label: copy.openid, value: openid, strong: false },
  { label: copy.role, value: staffRoleCopy[role], strong: false },
]

export const changeSheet = (member: StaffMember, me: Me): PeopleSheet => ({
  action: 'change',
  openid: member.openid,
  role: member.role,
  title: copy.changeTitle,
  rows: restated(member),
  warning: member.openid === me.openid ? copy.selfWarning : '',
  confirm: copy.changeConfirm,
  danger: false,
})

export const removeSheet = (member: StaffMember, me: Me): PeopleSheet => ({
  action: 'remove',
  openid: member.openid,
  role: member.role,
  title: copy.removeTitle,
  rows: restated(member),
  warning: member.openid === me.openid ? copy.selfRemoveWarning : copy.removeWarning,
  confirm: copy.removeConfirm,
  danger: true,
})

export interface PeopleForm {
  readonly openid: string
  readonly role: Role | null
}

export type PeopleWish =
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'put'; readonly openid: string; readonly role: Role }
  | { readonly kind: 'remove'; readonly openid: string }

/** The contract's shape of an id. */
const OPENID = /^[A-Za-z0-9_-]{1,64}$/

const problem = (text: string): PeopleWish => ({ kind: 'problem', problem: text })

/** What the confirmed sheet asks of the server, or the first thing to mend. */
export const readPeopleForm = (
  sheet: PeopleSheet,
  form: PeopleForm,
  members: readonly StaffMember[],
): PeopleWish => {
  if (sheet.action === 'remove') return { kind: 'remove', openid: sheet.openid }
  const openid = sheet.action === 'add' ? form.openid.trim() : sheet.openid
  if (!OPENID.test(openid)) return problem(copy.needOpenid)
  if (sheet.action === 'add' && members.some((member) => member.openid === openid))
    return problem(copy.alreadyThere)
  if (form.role === null) return problem(copy.needRole)
  if (form.role === sheet.role) return problem(copy.sameRole)
  return { kind: 'put', openid, role: form.role }
}

export const peopleOutcome = ({ action }: PeopleSheet): string =>
  ({ add: copy.added, change: copy.changed, remove: copy.removed })[action]

export const peopleFailureText = (error: unknown): string =>
  isFailure(error, 'LAST_OWNER') ? copy.lastOwner : decisionFailureText(error)
