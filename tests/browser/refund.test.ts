/** @module A refund as two people make it: the shopper taps, staff decide in the same mini-program, the money goes back. */
import {
  type BrowserStack,
  chooseAndSubmit,
  control,
  OWNER,
  type Phone,
  photograph,
  startBrowserStack,
  XIAOLIN,
} from '../support/browser-stack'

jest.setTimeout(60_000)

let stack: BrowserStack | null

beforeAll(async () => {
  stack = await startBrowserStack()
})
afterAll(() => stack?.close())

/** The decision sheet leaves a tap unanswered right after it opens, so that a double tap never decides. */
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

const askForAll = async ({ page }: Phone, reason: string): Promise<void> => {
  await page.getByText('申请退款').click()
  await page.getByText('请选择').click()
  await page.getByText(reason).last().click()
  await page.getByText('提交申请').last().click()
  await page.getByText('提交退款申请？').waitFor()
  await page.getByText('提交申请').last().click()
  await page.getByText('待商家审核').first().waitFor()
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
