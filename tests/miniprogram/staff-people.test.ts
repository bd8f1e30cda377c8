/** @module The owner's page of people: what is restated, what is sent after which tap, what is refused and why. */
import type { Role, StaffMember } from '@yuanlu/contract'
import { tap } from 'miniprogram-preview/testing'
import {
  addSheet,
  changeSheet,
  memberViews,
  readPeopleForm,
  removeSheet,
} from '../../miniprogram/view/staff-people.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, textOf } from './phone.ts'
import { startProgram } from './program.ts'
import { bodiesTo, callHandler, decisionButton, tapDecision, tapText, typeInto } from './staff-hands.ts'

const me = { openid: 'oOwner', roles: ['owner' as const] }
const owner: StaffMember = { openid: 'oOwner', role: 'owner' }
const helper: StaffMember = { openid: 'oHelper', role: 'support' }
const people = [helper, owner]

describe('what a change needs', () => {
  const add = (openid: string, role: Role | null) => readPeopleForm(addSheet, { openid, role }, people)

  test('a whole openid of somebody new, and a role', () => {
    expect(add(' oNew_1-2 ', 'finance')).toEqual({ kind: 'put', openid: 'oNew_1-2', role: 'finance' })
    for (const openid of ['', ' ', 'o New', '../me', '张三', 'x'.repeat(65)])
      expect(add(openid, 'finance')).toMatchObject({ problem: expect.stringContaining('完整的账号标识') })
    expect(add('oHelper', 'finance')).toMatchObject({ problem: expect.stringContaining('已经是店员') })
    expect(add('oNew', null)).toEqual({ kind: 'problem', problem: '请选择角色。' })
  })

  test('another role than before', () => {
    const change = (role: Role) => readPeopleForm(changeSheet(helper, me), { openid: '', role }, people)
    expect(change('support')).toEqual({ kind: 'problem', problem: '角色没有变化。' })
    expect(change('owner')).toEqual({ kind: 'put', openid: 'oHelper', role: 'owner' })
  })

  test('one’s own account is warned about before it loses its role', () => {
    expect(changeSheet(owner, me).warning).toContain('您自己的账号')
    expect(removeSheet(owner, me).warning).toContain('您自己的账号')
    expect(changeSheet(helper, me).warning).toBe('')
    expect(removeSheet(helper, me).warning).toContain('立即不能再打开商家工作台')
  })

  test('owners stand first, and each role says what it may do', () => {
    expect(memberViews(people, me)).toMatchObject([
      { openid: 'oOwner', role: '店主', isMe: true },
      { openid: 'oHelper', role: '客服', isMe: false, hint: expect.stringContaining('发货') },
    ])
  })
})

describe('the page', () => {
  const LIST = 'GET /v1/merchant/staff'
  const PUT = 'PUT /v1/merchant/staff/oNew'
  const REMOVE = 'DELETE /v1/merchant/staff/oHelper'
  const listed = (...items: StaffMember[]) => ok({ items })

  const open = async (script: Script) => {
    const started = await startProgram({ 'GET /v1/me': ok(me), [LIST]: listed(...people), ...script })
    started.phone.openPage('/pages/home/home', 'reLaunch')
    const shown = started.phone.openPage('/pages/staff-people/staff-people')
    await pass()
    return { ...started, shown }
  }

  const newcomer: StaffMember = { openid: 'oNew', role: 'finance' }
  const fillIn = async (shown: Awaited<ReturnType<typeof open>>['shown']) => {
    await tapText(shown.element, '添加店员')
    await typeInto(shown, '请粘贴对方的账号标识', ' oNew ')
    await tapText(shown.element, '财务')
  }

  test('somebody is added under a role by the second tap', async () => {
    const { shown, phone, sent } = await open({
      [LIST]: [listed(...people), listed(...people, newcomer)],
      [PUT]: ok(newcomer),
    })
    await fillIn(shown)
    expect(requestsTo(sent, PUT)).toBe(0)
    await tapDecision(shown, '确认添加')
    expect(bodiesTo(sent, PUT)).toEqual([{ role: 'finance' }])
    expect(textOf(shown)).toContain('oNew')
    expect(shown.data().sheet).toBeNull()
    expect(phone.overlay.textContent).toContain('已添加')
  })

  test('what is missing is said, and closing decides nothing', async () => {
    const { shown, sent } = await open({})
    await tapText(shown.element, '添加店员')
    await tapDecision(shown, '确认添加')
    expect(textOf(shown)).toContain('请填写完整的账号标识')
    await tapText(shown.element, '再看看')
    expect(shown.data().sheet).toBeNull()
    expect(sent.filter(({ method }) => method === 'PUT')).toEqual([])
  })

  test('a role is changed after it was restated', async () => {
    const CHANGE = 'PUT /v1/merchant/staff/oHelper'
    const { shown, sent } = await open({
      [CHANGE]: ok({ openid: 'oHelper', role: 'finance' }),
      [LIST]: [listed(owner, helper), listed(owner, { ...helper, role: 'finance' })],
    })
    const [, second] = [...shown.element.querySelectorAll('button')].filter(
      ({ textContent }) => textContent?.trim() === '更改角色',
    )
    tap(second?.firstElementChild)
    await pass(450)
    expect(textOf(shown)).toContain('账号标识oHelper角色客服')
    await tapDecision(shown, '确认更改')
    expect(textOf(shown)).toContain('角色没有变化。')
    await callHandler(shown, 'onRole', undefined, { role: 'finance' })
    await tapDecision(shown, '确认更改')
    expect(bodiesTo(sent, CHANGE)).toEqual([{ role: 'finance' }])
  })

  test('somebody is removed by the second tap, once', async () => {
    const { shown, phone, sent } = await open({
      [LIST]: [listed(helper), listed()],
      [REMOVE]: after(2_000, ok({})),
    })
    await tapText(shown.element, '移除')
    expect(textOf(shown)).toContain('移除这位店员？')
    expect(textOf(shown)).toContain('账号标识oHelper')
    const confirm = decisionButton(shown, '确认移除')
    tap(confirm)
    tap(confirm)
    await callHandler(shown, 'onConfirm')
    await pass(3_000)
    expect(requestsTo(sent, REMOVE)).toBe(1)
    expect(textOf(shown)).not.toContain('oHelper')
    expect(phone.overlay.textContent).toContain('已移除')
  })

  test('the last owner stays, and the owner reads what to do first', async () => {
    const { shown, phone } = await open({
      [LIST]: listed(owner),
      'DELETE /v1/merchant/staff/oOwner': refused(409, 'LAST_OWNER'),
    })
    await tapText(shown.element, '移除')
    expect(textOf(shown)).toContain('这是您自己的账号')
    await tapDecision(shown, '确认移除')
    expect(phone.overlay.textContent).toContain('这是店里唯一的店主。请先把另一位店员设为店主')
    expect(textOf(shown)).toContain('oOwner')
  })

  test('a lost answer is unknown, and the present state is asked for', async () => {
    const { shown, phone, sent } = await open({
      [LIST]: [listed(...people), listed(...people, newcomer)],
      [PUT]: 'no answer',
    })
    await fillIn(shown)
    await tapDecision(shown, '确认添加')
    expect(phone.overlay.textContent).toContain('可能已经生效')
    expect(textOf(shown)).toContain('oNew')
    expect(requestsTo(sent, LIST)).toBe(2)
  })

  test('no longer an owner: nothing of it stays on the screen', async () => {
    const { shown } = await open({
      [LIST]: [listed(...people), refused(403, 'NOT_ALLOWED')],
      [PUT]: refused(403, 'NOT_ALLOWED'),
    })
    await fillIn(shown)
    await tapDecision(shown, '确认添加')
    expect(textOf(shown)).toContain('这里是店员的工作台')
    expect(textOf(shown)).not.toContain('oHelper')
  })
})
