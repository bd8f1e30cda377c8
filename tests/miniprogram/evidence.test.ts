/** @module Pictures of evidence as people meet them: chosen, uploaded, refused with a reason, shown, opened, come back after expiry. */
import { tap } from 'miniprogram-preview/testing'
import { aRefund } from './a-refund.ts'
import { aPaidOrder, aProduct, NOON_MS } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { compileProgram, pass, requestsTo, startPhone, tapText, textOf } from './phone.ts'

const ORDER = 'O20261122A'
const REFUND = 'O20261122A-r1'
const ASK = `POST /v1/orders/${ORDER}/refunds`
const UPLOAD = 'POST /v1/uploads'
const GET_REFUND = `GET /v1/refunds/${REFUND}`
const MB = 1024 * 1024

let compiledDir = ''
beforeAll(async () => {
  compiledDir = await compileProgram()
})
afterEach(() => {
  jest.useRealTimers()
})

const start = (script: Script) =>
  startPhone(compiledDir, {
    nowMs: NOON_MS,
    script: {
      'GET /v1/products': ok({ items: [aProduct()] }),
      [`GET /v1/orders/${ORDER}`]: ok(aPaidOrder()),
      [GET_REFUND]: ok(aRefund()),
      [ASK]: ok(aRefund()),
      ...script,
    },
  })

const aFile = (fileId: string) =>
  ok({ fileId, url: `http://127.0.0.1:8080/v1/uploads/${fileId}?signature=s` })

const labelled = (root: ParentNode, label: string): Element => {
  const found = root.querySelector(`[aria-label="${label}"]`)
  if (found === null) throw new Error(`nothing is labelled ${label}`)
  return found
}
const isLabelled = (root: ParentNode, label: string): boolean =>
  root.querySelector(`[aria-label="${label}"]`) !== null

const uploadsOf = (sent: readonly { path: string; data: unknown }[]) =>
  sent.filter(({ path }) => path === '/v1/uploads').map(({ data }) => data)

describe('while a refund is asked for', () => {
  const atApplication = async (script: Script = {}) => {
    const started = await start(script)
    const page = started.phone.openPage(`/pages/refund-apply/refund-apply?orderId=${ORDER}`)
    await pass()
    await tapText(page.element, '退款原因')
    await pass(500)
    await tapText(page.element, '不想要了')
    await pass(500)
    return { ...started, page }
  }
  type Started = Awaited<ReturnType<typeof atApplication>>

  const add = async ({ page }: Started) => {
    tap(labelled(page.element, '添加图片'))
    await pass()
  }

  const submit = async ({ page, phone }: Started) => {
    await tapText(page.element, '提交申请')
    if (phone.overlay.textContent?.includes('提交退款申请？')) await tapText(phone.overlay, '提交申请')
  }

  test('pictures are uploaded with the session and their ids are sent with the request', async () => {
    const started = await atApplication({ [UPLOAD]: [aFile('f1'), aFile('f2')] })
    started.album.chosen = [
      { tempFilePath: 'wxfile://a.jpg', size: MB },
      { tempFilePath: 'wxfile://b.jpg', size: MB },
    ]
    await add(started)
    expect(started.album.asked).toEqual([
      { count: 3, mediaType: ['image'], sourceType: ['album', 'camera'], sizeType: ['compressed'] },
    ])
    expect(uploadsOf(started.sent)).toEqual([
      { name: 'file', filePath: 'wxfile://a.jpg' },
      { name: 'file', filePath: 'wxfile://b.jpg' },
    ])
    expect(started.sent.find(({ path }) => path === '/v1/uploads')?.header).toEqual({
      Authorization: 'Bearer t1',
    })
    expect(textOf(started.page)).toContain('2/3')
    await submit(started)
    const asked = started.sent.find(({ method, path }) => `${method} ${path}` === ASK)
    expect(asked?.data).toMatchObject({ reason: '不想要了', evidence: ['f1', 'f2'] })
  })

  test('never more than three: only what is left may be chosen, then the button goes', async () => {
    const started = await atApplication({ [UPLOAD]: [aFile('f1'), aFile('f2'), aFile('f3')] })
    started.album.chosen = [{ tempFilePath: 'wxfile://a.jpg', size: MB }]
    await add(started)
    // A client that gives more than it was asked for.
    started.album.chosen = ['b', 'c', 'd'].map((name) => ({ tempFilePath: `wxfile://${name}.jpg`, size: MB }))
    await add(started)
    expect(started.album.asked[1]).toMatchObject({ count: 2 })
    expect(uploadsOf(started.sent)).toHaveLength(3)
    expect(isLabelled(started.page.element, '添加图片')).toBe(false)
  })

  test('a picture under way shows how far it is, and holds the request back with a word', async () => {
    const started = await atApplication({ [UPLOAD]: after(5_000, aFile('f1')) })
    started.album.chosen = [{ tempFilePath: 'wxfile://a.jpg', size: MB }]
    await add(started)
    expect(textOf(started.page)).toContain('40%')
    await submit(started)
    expect(started.phone.overlay.textContent).toContain('图片还在上传，请稍等片刻再提交。')
    expect(requestsTo(started.sent, ASK)).toBe(0)
    await pass(5_000)
    expect(textOf(started.page)).not.toContain('40%')
    await submit(started)
    expect(requestsTo(started.sent, ASK)).toBe(1)
  })

  test('a lost upload can be tried again, and the request waits for it or its removal', async () => {
    const started = await atApplication({ [UPLOAD]: ['no answer', aFile('f1')] })
    started.album.chosen = [{ tempFilePath: 'wxfile://a.jpg', size: MB }]
    await add(started)
    expect(textOf(started.page)).toContain('网络不太顺畅，请检查网络后再试。')
    await submit(started)
    expect(started.phone.overlay.textContent).toContain('有图片没有上传成功，请重试或移除后再提交。')
    tap(labelled(started.page.element, '重新上传第 1 张图片'))
    await pass()
    expect(textOf(started.page)).not.toContain('网络不太顺畅')
    await submit(started)
    const asked = started.sent.find(({ method, path }) => `${method} ${path}` === ASK)
    expect(asked?.data).toMatchObject({ evidence: ['f1'] })
  })

  test.each([
    [413, 'TOO_LARGE', '这张图片超过 2 MB，压缩后仍然太大。请裁剪一下，或换一张。'],
    [400, 'INVALID_INPUT', '这张图片的格式不支持，请换成 JPG、PNG 或 WebP 图片。'],
  ])(
    'a picture refused with %s %s says why, offers no retry, and can be removed',
    async (status, code, why) => {
      const started = await atApplication({ [UPLOAD]: refused(status, code) })
      started.album.chosen = [{ tempFilePath: 'wxfile://a.gif', size: MB }]
      await add(started)
      expect(textOf(started.page)).toContain(why)
      expect(isLabelled(started.page.element, '重新上传第 1 张图片')).toBe(false)
      tap(labelled(started.page.element, '移除第 1 张图片'))
      await pass()
      expect(textOf(started.page)).not.toContain(why)
      await submit(started)
      const asked = started.sent.find(({ method, path }) => `${method} ${path}` === ASK)
      expect(asked?.data).not.toHaveProperty('evidence')
    },
  )

  test('a picture above 2 MB is made smaller before it is sent; where that fails it is not sent at all', async () => {
    const started = await atApplication({ [UPLOAD]: aFile('f1') })
    started.album.chosen = [{ tempFilePath: 'wxfile://big.jpg', size: 2 * MB + 1 }]
    await add(started)
    expect(uploadsOf(started.sent)).toEqual([])
    expect(textOf(started.page)).toContain('这张图片超过 2 MB')
    tap(labelled(started.page.element, '移除第 1 张图片'))
    started.album.compressesTo = 'wxfile://small.jpg'
    await add(started)
    expect(uploadsOf(started.sent)).toEqual([{ name: 'file', filePath: 'wxfile://small.jpg' }])
  })

  test('a picture removed while it was on its way is not named in the request', async () => {
    const started = await atApplication({ [UPLOAD]: after(5_000, aFile('f1')) })
    started.album.chosen = [{ tempFilePath: 'wxfile://a.jpg', size: MB }]
    await add(started)
    tap(labelled(started.page.element, '移除第 1 张图片'))
    await pass(6_000)
    await submit(started)
    const asked = started.sent.find(({ method, path }) => `${method} ${path}` === ASK)
    expect(asked?.data).not.toHaveProperty('evidence')
  })

  test('closing the album changes nothing; an album that is not allowed says what to do', async () => {
    const started = await atApplication()
    started.album.chosen = 'chooseMedia:fail cancel'
    await add(started)
    expect(started.phone.overlay.textContent).not.toContain('相册')
    started.album.chosen = 'chooseMedia:fail auth deny'
    await add(started)
    expect(started.phone.overlay.textContent).toContain('没有打开相机或相册')
  })

  test('a chosen picture opens over the whole screen', async () => {
    const started = await atApplication({ [UPLOAD]: [aFile('f1'), aFile('f2')] })
    started.album.chosen = [
      { tempFilePath: 'wxfile://a.jpg', size: MB },
      { tempFilePath: 'wxfile://b.jpg', size: MB },
    ]
    await add(started)
    tap(labelled(started.page.element, '查看第 2 张图片'))
    expect(started.album.opened).toEqual([
      { urls: ['wxfile://a.jpg', 'wxfile://b.jpg'], current: 'wxfile://b.jpg' },
    ])
  })
})

describe('on a refund', () => {
  const addressed = (round: number) =>
    ok(aRefund({ evidence: [`http://127.0.0.1:8080/v1/uploads/f1?expires=${round}`] }))

  const atRefund = async (script: Script) => {
    const started = await start(script)
    const page = started.phone.openPage(`/pages/refund/refund?refundId=${REFUND}`)
    await pass()
    return { ...started, page }
  }

  const failToLoad = async (page: { element: HTMLElement }) => {
    page.element.querySelector('[aria-label="查看第 1 张图片"] img')?.dispatchEvent(new Event('error'))
    await pass()
  }

  test('the shopper sees them and opens one', async () => {
    const { page, album } = await atRefund({ [GET_REFUND]: addressed(1) })
    expect(textOf(page)).toContain('退款凭证')
    tap(labelled(page.element, '查看第 1 张图片'))
    await pass()
    const url = 'http://127.0.0.1:8080/v1/uploads/f1?expires=1'
    expect(album.opened).toEqual([{ urls: [url], current: url }])
  })

  test('without pictures there is no card for them', async () => {
    const { page } = await atRefund({})
    expect(textOf(page)).not.toContain('退款凭证')
  })

  test('an expired address is asked for anew, by itself and once', async () => {
    const { page, sent } = await atRefund({ [GET_REFUND]: [addressed(1), addressed(2)] })
    await failToLoad(page)
    expect(requestsTo(sent, GET_REFUND)).toBe(2)
    expect(textOf(page)).not.toContain('图片没有打开')
    await failToLoad(page)
    await pass(10_000)
    // The second address came back unchanged: a calm placeholder, and no more questions.
    expect(requestsTo(sent, GET_REFUND)).toBe(3)
    expect(textOf(page)).toContain('图片没有打开')
    await tapText(page.element, '点此重试')
    expect(isLabelled(page.element, '查看第 1 张图片')).toBe(true)
  })

  test('a page that has been open for long asks for new addresses before it opens a picture', async () => {
    const { page, album, sent } = await atRefund({ [GET_REFUND]: [addressed(1), addressed(2)] })
    await pass(5 * 60_000)
    tap(labelled(page.element, '查看第 1 张图片'))
    await pass()
    expect(requestsTo(sent, GET_REFUND)).toBe(2)
    expect(album.opened).toMatchObject([{ current: 'http://127.0.0.1:8080/v1/uploads/f1?expires=2' }])
  })

  test('staff see them beside the request, and open one', async () => {
    const url = 'http://127.0.0.1:8080/v1/uploads/f1?expires=1'
    const { phone, album } = await start({
      'GET /v1/me': ok({ openid: 'oStaff1', roles: ['finance'] }),
      [`GET /v1/merchant/refunds/${REFUND}`]: ok({
        refund: aRefund({ evidence: [url] }),
        order: aPaidOrder({ refunds: [aRefund()] }),
      }),
    })
    const page = phone.openPage(`/pages/staff-refund/staff-refund?refundId=${REFUND}`)
    await pass()
    tap(labelled(page.element, '查看第 1 张图片'))
    await pass()
    expect(album.opened).toEqual([{ urls: [url], current: url }])
  })
})
