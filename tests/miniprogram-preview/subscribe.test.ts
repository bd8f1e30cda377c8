/**
 * @jest-environment jsdom
 * @module wx.requestSubscribeMessage as the program sees it: inside a tap, three templates at most, kept choices.
 */
import path from 'node:path'
import { findByText, loadTestPhone, settle, type TestPhone, tap } from 'miniprogram-preview/testing'

const template = (templateId: string, title: string) => ({ templateId, title, keywords: { thing1: '备注' } })

let phone: TestPhone
let asked: { url: string; body: unknown }[] = []

beforeAll(async () => {
  phone = await loadTestPhone({
    appRoot: path.join(__dirname, 'fixture'),
    shopper: { openid: 'oA', name: '小张' },
    templates: [
      template('t-refund', '退款结果通知'),
      template('t-shipped', '订单发货通知'),
      template('t-again', '退款结果通知'),
      template('t-fourth', '活动通知'),
    ],
  })
  Reflect.set(globalThis, 'fetch', async (url: string, init: { body: string }) => {
    asked.push({ url, body: JSON.parse(init.body) })
    return { ok: true, status: 200, json: async () => ({}) }
  })
})
beforeEach(() => {
  asked = []
})
afterEach(() => phone.reset())

type Answer = Record<string, unknown>
const subscribe = (tmplIds?: unknown) =>
  (
    Reflect.get(globalThis, 'wx') as { requestSubscribeMessage(options: object): Promise<Answer> }
  ).requestSubscribeMessage({ tmplIds })

/** Taps something of the program, and asks while the tap is being answered. */
const inATap = (tmplIds?: unknown): Promise<Answer> => {
  phone.replaceWx({ request: () => {} })
  tap(phone.openPage('/pages/me/me', 'reLaunch').element.querySelector('view'))
  return subscribe(tmplIds)
}
const choose = async (text: string) => {
  tap(findByText(phone.overlay, text))
  await settle()
}
const box = (text: string) =>
  findByText(phone.overlay, text).closest('label')?.querySelector('input') as HTMLInputElement

test('outside a tap it is refused, and so is a call that waited first', async () => {
  const refusal = { errMsg: 'requestSubscribeMessage:fail can only be invoked by user TAP gesture.' }
  await expect(subscribe(['t-refund'])).rejects.toEqual(refusal)
  tap(phone.openPage('/pages/me/me', 'reLaunch').element.querySelector('view'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  await expect(subscribe(['t-refund'])).rejects.toEqual(refusal)
})

test('what is allowed is told to whoever delivers, once for each template', async () => {
  const answer = inATap(['t-refund', 't-shipped'])
  await settle()
  expect(phone.overlay.textContent).toContain('发送一次以下消息')
  box('订单发货通知').checked = false
  await choose('允许')
  expect(await answer).toEqual({
    errMsg: 'requestSubscribeMessage:ok',
    't-refund': 'accept',
    't-shipped': 'reject',
  })
  expect(asked).toEqual([{ url: '/-/messages/allow', body: { openid: 'oA', templateIds: ['t-refund'] } }])
})

test('refused, nobody is told anything', async () => {
  const answer = inATap(['t-refund'])
  await settle()
  await choose('取消')
  expect(await answer).toEqual({ errMsg: 'requestSubscribeMessage:ok', 't-refund': 'reject' })
  expect(asked).toEqual([])
})

test('of two templates with one title only the first is asked for', async () => {
  const answer = inATap(['t-refund', 't-again'])
  await settle()
  await choose('允许')
  expect(await answer).toMatchObject({ 't-refund': 'accept', 't-again': 'filter' })
  expect(asked).toMatchObject([{ body: { templateIds: ['t-refund'] } }])
})

test('a choice that is to be kept is not asked for again, and is in the settings', async () => {
  const first = inATap(['t-refund'])
  await settle()
  box('总是保持以上选择，不再询问').checked = true
  await choose('允许')
  await first
  expect(await inATap(['t-refund'])).toMatchObject({ 't-refund': 'accept' })
  expect(phone.overlay.textContent).not.toContain('发送一次以下消息')
  expect(asked).toHaveLength(2)
  const wx = Reflect.get(globalThis, 'wx') as { getSetting(options: object): Promise<Answer> }
  expect(await wx.getSetting({ withSubscriptions: true })).toMatchObject({
    subscriptionsSetting: { mainSwitch: true, itemSettings: { 't-refund': 'accept' } },
  })
})

test.each([
  [[], 10001, "TmplIds can't be empty"],
  [undefined, 10001, "TmplIds can't be empty"],
  [['t-refund', 't-shipped', 't-again', 't-fourth'], 20003, 'Templates count out of max bounds'],
  [['t-unknown'], 20001, 'No template data return, verify the template id exist'],
])('%j is refused with WeChat’s code %s', async (tmplIds, errCode, message) => {
  await expect(inATap(tmplIds)).rejects.toEqual({
    errMsg: `requestSubscribeMessage:fail ${message}`,
    errCode,
  })
})

test('while the sheet is open there is no second one', async () => {
  const first = inATap(['t-refund'])
  await settle()
  tap(document.querySelector('#screen view'))
  await expect(subscribe(['t-refund'])).rejects.toEqual({
    errMsg: 'requestSubscribeMessage:fail last call has not ended',
  })
  await choose('取消')
  await first
})

test('the callback of a payment may ask as well', async () => {
  Reflect.set(globalThis, 'fetch', async (url: string) => ({
    ok: true,
    status: 200,
    json: async () =>
      url.endsWith('open')
        ? { ok: true, payee: '店', description: '豆', amountFen: 1 }
        : { errMsg: 'requestPayment:fail cancel' },
  }))
  const wx = Reflect.get(globalThis, 'wx') as { requestPayment(options: object): unknown }
  const answer = new Promise<Answer>((resolve, reject) => {
    wx.requestPayment({
      timeStamp: '1',
      nonceStr: 'n',
      package: 'prepay_id=wx1',
      signType: 'RSA',
      paySign: 's',
      complete: () => subscribe(['t-shipped']).then(resolve, reject),
    })
  })
  await settle()
  tap(phone.overlay.querySelector('[aria-label=关闭收银台]'))
  await settle()
  await choose('取消')
  expect(await answer).toEqual({ errMsg: 'requestSubscribeMessage:ok', 't-shipped': 'reject' })
})
