/** @module The people at the phones: two shoppers and the shop's owner. */

export interface Person {
  readonly name: string
  /** As WeChat would give it: 28 characters, the same in every run, so that their orders stay theirs. */
  readonly openid: string
}

export const PEOPLE = [
  { name: '小林', openid: 'oYl5X0sandboxXiaoLin000000A1' },
  { name: '阿青', openid: 'oYl5X0sandboxAQing00000000B2' },
  { name: '店主', openid: 'oYl5X0sandboxOwner00000000C3' },
] as const satisfies readonly Person[]

/** Owner of the shop from the first start on. */
export const OWNER: Person = PEOPLE[2]
