/** @module What a member of staff may do, from the contract's own table of callers. The server decides again. */
import { type CallName, ROUTES, type Role } from '@yuanlu/contract'
import { staffCopy } from '../copy/staff'

const FINANCE: readonly Role[] = ['finance', 'owner']

export const isStaff = (roles: readonly Role[]): boolean => roles.length > 0

export const mayCall = (roles: readonly Role[], call: CallName): boolean => {
  switch (ROUTES[call].caller) {
    case 'anyone':
    case 'shopper':
      return true
    case 'staff':
      return isStaff(roles)
    case 'finance':
      return roles.some((role) => FINANCE.includes(role))
    case 'owner':
      return roles.includes('owner')
  }
}

/** Why a button can't be used, or an empty string when it can. */
export const whyNot = (roles: readonly Role[], call: CallName): string =>
  mayCall(roles, call) ? '' : staffCopy.financeOnly

/** An openid as staff see it: enough to tell two people apart, too little to copy. */
export const shortOpenid = (openid: string): string =>
  openid.length <= 10 ? openid : `${openid.slice(0, 4)}…${openid.slice(-4)}`
