/** @module The words of the owner's page of people and their roles. */
import type { Role } from '@yuanlu/contract'

/** What each role may do, in one line. */
export const staffRoleHintCopy = {
  support: '发货、拒绝退款、确认收到退货，可查看全部订单。',
  finance: '客服的全部权限，还可以同意退款、处理异常退款。',
  owner: '财务的全部权限，还可以管理店员和商品。',
} as const satisfies Record<Role, string>

export const staffPeopleCopy = {
  intro: '角色的变化立即生效。',
  you: '您自己',
  openid: '账号标识',
  role: '角色',
  change: '更改角色',
  remove: '移除',
  add: '添加店员',
  addTitle: '添加店员',
  openidPlaceholder: '请粘贴对方的账号标识',
  openidHint: '请对方打开小程序的“我的”，复制账号标识发给您。',
  addConfirm: '确认添加',
  changeTitle: '更改角色',
  changeConfirm: '确认更改',
  removeTitle: '移除这位店员？',
  removeWarning: '移除后，这个账号立即不能再打开商家工作台。',
  removeConfirm: '确认移除',
  /** An owner who gives the own role up. */
  selfWarning: '这是您自己的账号：更改后您将不能再管理店员和商品。',
  selfRemoveWarning: '这是您自己的账号：移除后您将不能再打开商家工作台。',
  needOpenid: '请填写完整的账号标识，只包含字母、数字、下划线和短横线。',
  alreadyThere: '这个账号已经是店员，请在列表中更改角色。',
  needRole: '请选择角色。',
  sameRole: '角色没有变化。',
  added: '已添加',
  changed: '已更改',
  removed: '已移除',
  lastOwner: '这是店里唯一的店主。请先把另一位店员设为店主，再更改或移除这个账号。',
  emptyTitle: '还没有店员',
  emptyHint: '添加店员后，他们的“我的”页面会出现商家工作台。',
} as const
