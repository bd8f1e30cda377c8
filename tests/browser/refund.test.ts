/** @module A refund as two people make it: the shopper taps, staff decide in the same mini-program, the money goes back. */
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import {
  type BrowserStack,
  chooseAndSubmit,
  control,
  OWNER,
  type Phone,
  photograph,
  readAs,
  startBrowserStack,
  XIAOLIN,
} from '../support/browser-stack'

let stack: BrowserStack | null

beforeAll(async () => {
  stack = await startBrowserStack()
})
afterAll(() => stack?.close())

/** The decision sheet leaves a tap unanswered right after it opens, so that a double tap neither decides nor closes it. */
const untilTheSheetListens = ({ page }: Phone) => page.waitForTimeout(700)

const withBrowser = (title: string, run: (stack: BrowserStack) => Promise<void>) =>
  test(title, async () => {
    if (stack === null) {
      console.warn(`skipped, because ALLOW_NO_BROWSER=1: ${title}`)
      return
    }
    await run(stack)
  })

/** A shopper with a paid order on the screen. */
const aPaidOrder = async (host: BrowserStack): Promise<Phone> => {
  const phone = await host.openPhone(XIAOLIN)
  const { page } = phone
  await chooseAndSubmit(page)
  await page.getByText('立即支付').click()
  await page.getByText('完成', { exact: true }).click()
  await page.getByText('查看订单').click()
  await page.getByText('申请退款').waitFor()
  return phone
}

const fillIn = async ({ page }: Phone, reason: string): Promise<void> => {
  await page.getByText('申请退款').click()
  await page.getByText('请选择').click()
  await page.getByText(reason).last().click()
}

const submit = async ({ page }: Phone, message: '允许' | '取消'): Promise<void> => {
  await page.getByText('提交申请').last().click()
  await page.getByRole('dialog', { name: '订阅消息' }).getByText(message, { exact: true }).click()
  await page.getByText('提交退款申请？').waitFor()
  await page.getByText('提交申请').last().click()
  await page.getByText('待商家审核').first().waitFor()
}

const askForAll = async (phone: Phone, reason: string): Promise<void> => {
  await fillIn(phone, reason)
  await submit(phone, '取消')
}

const openRequest = async (phone: Phone, reason: string): Promise<void> => {
  const { page } = phone
  await page.getByText('我的', { exact: true }).last().click()
  await page.getByText('退款审批').click()
  await page.getByText(reason).first().click()
  await page.getByText('本次申请').first().waitFor()
}

describe.each(['APIv3', 'APIv2'])('under %s', (api) => {
  withBrowser('asked for, approved by a second tap, and back', async (host) => {
    const desk = await host.browser.newPage({ viewport: { width: 1280, height: 1100 } })
    await desk.goto(`${host.host.run.previewUrl}?phones=${XIAOLIN},${OWNER}`)
    await desk.getByText(api, { exact: true }).click()
    const shopper = await aPaidOrder(host)
    await askForAll(shopper, '拍错了或多拍了')
    await photograph(shopper.page, `${api}-refund-requested`)

    const owner = await host.openPhone(OWNER)
    await openRequest(owner, '拍错了或多拍了')
    await photograph(owner.page, `${api}-refund-decision`)
    await owner.page.getByText('同意退款').last().click()
    await owner.page.getByText('关闭此窗口不会作出任何决定。').waitFor()
    await photograph(owner.page, `${api}-refund-approve`)
    await untilTheSheetListens(owner)
    await owner.page.getByText('再看看').last().click()
    await shopper.page.reload()
    await shopper.page.getByText('待商家审核').first().waitFor()
    await owner.page.getByText('同意退款').last().click()
    await owner.page.getByText('确认退款 ¥68.00').waitFor()
    await untilTheSheetListens(owner)
    await owner.page.getByText('确认退款 ¥68.00').click()

    await control(host.host, '/clock', { advanceMs: 2_000 })
    await shopper.page.reload()
    await shopper.page.getByText('退款成功').first().waitFor()
    await photograph(shopper.page, `${api}-refunded`)
    for (const n of [0, 1])
      await desk.frameLocator('iframe').nth(n).getByText('我的', { exact: true }).last().click()
    await photograph(desk, `${api}-shopper-and-staff`)
    expect([...shopper.problems, ...owner.problems]).toEqual([])
    await Promise.all([shopper.close(), owner.close(), desk.close()])
  })

  withBrowser('rejected with a reason that the shopper reads', async (host) => {
    const shopper = await aPaidOrder(host)
    await askForAll(shopper, '发货太慢')
    const owner = await host.openPhone(OWNER, { width: 320, height: 568 })
    await openRequest(owner, '发货太慢')
    await owner.page.getByText('拒绝', { exact: true }).click()
    await owner.page.getByRole('textbox').last().fill('今天下午就发出，请放心')
    await photograph(owner.page, `${api}-refund-reject-small-phone`)
    await untilTheSheetListens(owner)
    await owner.page.getByText('确认拒绝').click()
    await owner.page.getByText('已拒绝').first().waitFor()
    await shopper.page.reload()
    await shopper.page.getByText('商家未同意').first().waitFor()
    await shopper.page.getByText('今天下午就发出，请放心').first().waitFor()
    await photograph(shopper.page, `${api}-refund-rejected`)
    expect([...shopper.problems, ...owner.problems]).toEqual([])
    await Promise.all([shopper.close(), owner.close()])
  })
})

const PICTURES = ['honey.png', 'ceramic-cup.png'].map((name) =>
  join(__dirname, '../../miniprogram/assets/products', name),
)

const isLoaded = (picture: Locator): Promise<boolean> =>
  picture
    .locator('img')
    .evaluate((image) => (image instanceof HTMLImageElement ? image.decode() : Promise.reject()))
    .then(() => true)

withBrowser('pictures reach staff, and the result reaches the shopper as a message', async (host) => {
  const shopper = await aPaidOrder(host)
  const { page } = shopper
  await fillIn(shopper, '不想要了')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: '添加图片' }).click()
  await (await chooser).setFiles(PICTURES)
  await page.getByText('2/3').waitFor()
  await page
    .getByRole('status')
    .filter({ hasText: /%|准备中/ })
    .first()
    .waitFor({ state: 'detached' })
  await photograph(page, 'evidence-chosen')
  await submit(shopper, '允许')
  expect(await isLoaded(page.getByRole('button', { name: '查看第 2 张图片' }))).toBe(true)
  await photograph(page, 'evidence-shopper')
  // One message for each tap: what was allowed with the request is kept for the money that is back.

  const owner = await host.openPhone(OWNER)
  await openRequest(owner, '不想要了')
  expect(await isLoaded(owner.page.getByRole('button', { name: '查看第 1 张图片' }))).toBe(true)
  await photograph(owner.page, 'evidence-staff')
  await owner.page.getByRole('button', { name: '查看第 1 张图片' }).click()
  await owner.page.getByRole('dialog', { name: '预览图片' }).getByText('1 / 2').click()
  await owner.page.getByText('同意退款').last().click()
  await owner.page.getByText('确认退款 ¥68.00').waitFor()
  await untilTheSheetListens(owner)
  await owner.page.getByText('确认退款 ¥68.00').click()
  await owner.page
    .getByRole('status')
    .filter({ hasText: /退款中|已退款/ })
    .waitFor()
  await control(host.host, '/clock', { advanceMs: 2_000 })

  const arrived = page.getByRole('status', { name: '服务通知' }).filter({ hasText: '已退款' })
  await arrived.waitFor()
  await photograph(page, 'message-arrived')
  await arrived.getByRole('button').first().click()
  await page.getByText('退款成功').first().waitFor()
  expect([...shopper.problems, ...owner.problems]).toEqual([])
  await Promise.all([shopper.close(), owner.close()])
})

withBrowser('a double tap asks once, approves once, and moves the money once', async (host) => {
  const shopper = await aPaidOrder(host)
  const { page } = shopper
  const calls: string[] = []
  const owner = await host.openPhone(OWNER)
  for (const phone of [shopper, owner])
    phone.page.on('request', (request) => {
      if (request.method() === 'POST') calls.push(new URL(request.url()).pathname)
    })
  const callsTo = (ending: string) => calls.filter((path) => path.endsWith(ending)).length
  const doubleTap = async ({ page: on }: Phone, target: Locator) => {
    const box = await target.boundingBox()
    if (box === null) throw new Error('nothing to tap')
    const at = [box.x + box.width / 2, box.y + box.height / 2] as const
    await on.touchscreen.tap(...at)
    await on.touchscreen.tap(...at)
  }

  await doubleTap(shopper, page.getByText('申请退款').last())
  // A phone that was touched is touched from then on: a mouse after fingers counts as their echo.
  await page.getByText('请选择', { exact: true }).tap()
  await page.getByText('收货信息填错了').last().tap()
  await page.getByText('发货太慢').last().waitFor({ state: 'hidden' })
  await doubleTap(shopper, page.getByText('提交申请').last())
  await page.getByRole('dialog', { name: '订阅消息' }).getByText('取消', { exact: true }).click()
  await page.getByText('提交退款申请？').waitFor()
  await doubleTap(shopper, page.getByRole('dialog').getByText('提交申请'))
  await page.getByText('待商家审核').first().waitFor()
  expect(callsTo('/refunds')).toBe(1)

  await openRequest(owner, '收货信息填错了')
  await doubleTap(owner, owner.page.getByText('同意退款').last())
  await owner.page.getByText('确认退款 ¥68.00').waitFor()
  await untilTheSheetListens(owner)
  expect(callsTo('/approve')).toBe(0)
  await doubleTap(owner, owner.page.getByText('确认退款 ¥68.00'))
  await owner.page
    .getByRole('status')
    .filter({ hasText: /退款中|已退款/ })
    .waitFor()
  expect(callsTo('/approve')).toBe(1)
  const { items } = (await readAs(host.host, XIAOLIN, '/v1/orders')) as {
    items: { refunds: { transfers: unknown[]; timeline: { event: string }[] }[] }[]
  }
  const refunds = items[0]?.refunds ?? []
  expect(refunds).toHaveLength(1)
  expect(refunds[0]?.transfers).toHaveLength(1)
  expect(refunds[0]?.timeline.filter(({ event }) => event === 'approved')).toHaveLength(1)
  expect([...shopper.problems, ...owner.problems]).toEqual([])
  await Promise.all([shopper.close(), owner.close()])
})
