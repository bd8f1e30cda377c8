/**
 * @jest-environment jsdom
 * @module A program in the phone: lifecycles, navigation, built-in components, and the wx functions that need no server.
 */
import fs from 'node:fs'
import path from 'node:path'
import {
  compileForTests,
  findByText,
  input,
  loadTestPhone,
  settle,
  type TestPhone,
  tap,
  waitFor,
} from 'miniprogram-preview/testing'

const ITEMS = [
  { id: 'a', title: '手冲咖啡豆', fen: 6800 },
  { id: 'b', title: '陶瓷杯', fen: 3990 },
]

let compiledDir = ''
let phone: TestPhone
beforeAll(async () => {
  compiledDir = await compileForTests({ appRoot: path.join(__dirname, 'fixture') })
  phone = await loadTestPhone({ compiledDir, requestDomains: ['http://api.example.test'] })
})
afterAll(() => fs.rmSync(compiledDir, { recursive: true, force: true }))
afterEach(() => {
  phone.reset()
  events().length = 0
})

const answerRequests = () =>
  phone.replaceWx({
    request: ({ success }: { success: (result: object) => void }) =>
      success({ statusCode: 200, data: { items: ITEMS } }),
  })

const events = (): string[] => (phone.app().globalData as { events: string[] }).events
const wx = <T>(name: string, options: object = {}): Promise<T> =>
  (Reflect.get(globalThis, 'wx') as Record<string, (options: object) => Promise<T>>)[name]?.(options) ??
  Promise.reject(new Error(`wx.${name} gave no promise`))
const button = (root: ParentNode, text: string) => findByText(root, text)

describe('lifecycles', () => {
  test('a program starts with its App, then its first page', async () => {
    answerRequests()
    phone.launch()
    await settle()
    expect(events()).toEqual([
      'onLaunch pages/shop/shop',
      'onShow',
      'shop onLoad {}',
      'shop request 200',
      'shop onShow',
      'price-tag show',
      'price-tag show',
      'shop onReady',
    ])
  })

  test('opening a page hides the one below, going back unloads it and shows the one below again', async () => {
    answerRequests()
    phone.openPage('/pages/shop/shop', 'reLaunch')
    await settle()
    events().length = 0
    phone.openPage('../order/order?id=42&note=%E4%BD%A0')
    await wx('navigateBack')
    expect(events()).toEqual([
      'shop onHide',
      'order onLoad {"id":"42","note":"%E4%BD%A0"}',
      'order onUnload',
      'shop onShow',
      'price-tag show',
      'price-tag show',
    ])
  })

  test('a tab page stays alive while another tab is shown, a page above it is unloaded', async () => {
    answerRequests()
    phone.openPage('/pages/shop/shop', 'reLaunch')
    await wx('switchTab', { url: '/pages/me/me' })
    await wx('switchTab', { url: '/pages/shop/shop' })
    expect(events().filter((event) => /onLoad|onUnload|attached/.test(event))).toEqual([
      'shop onLoad {}',
      'me attached',
    ])
    phone.openPage('/pages/order/order')
    await wx('switchTab', { url: '/pages/me/me' })
    expect(events().filter((event) => /onUnload|me /.test(event))).toEqual([
      'me attached',
      'me onShow',
      'order onUnload',
      'me onShow',
    ])
  })

  test('redirectTo replaces a page without showing the one below', async () => {
    phone.openPage('/pages/order/order', 'reLaunch')
    await wx('redirectTo', { url: 'order?again=1' })
    expect(events()).toEqual(['order onLoad {}', 'order onUnload', 'order onLoad {"again":"1"}'])
    await expect(wx('navigateBack')).rejects.toEqual({
      errMsg: 'navigateBack:fail cannot navigate back at first page.',
    })
  })

  test('a page that is closed before its answer comes takes the answer in silence, as in WeChat', async () => {
    let answer: () => void = () => undefined
    phone.replaceWx({
      request: ({ success }: { success: (result: object) => void }) => {
        answer = () => success({ statusCode: 200, data: { items: ITEMS } })
      },
    })
    const complaints = jest.spyOn(console, 'error').mockImplementation()
    const { instance } = phone.openPage('/pages/shop/shop', 'reLaunch')
    phone.openPage('/pages/order/order', 'reLaunch')
    answer()
    await settle()
    expect(instance.data).toMatchObject({ items: ITEMS })
    expect(complaints).not.toHaveBeenCalled()
    complaints.mockRestore()
  })

  test('a query value arrives as it was written: decoding is the page’s own affair, as in WeChat', () => {
    phone.openPage('/pages/order/order?url=a%3Db&empty=', 'reLaunch')
    expect(events()).toEqual(['order onLoad {"url":"a%3Db","empty":""}'])
  })

  test('pulling down by program calls the page', async () => {
    answerRequests()
    phone.openPage('/pages/shop/shop', 'reLaunch')
    await wx('startPullDownRefresh')
    expect(events()).toContain('shop onPullDownRefresh')
  })

  test('a tap on a tab tells the page which one it was', () => {
    answerRequests()
    phone.openPage('/pages/me/me', 'reLaunch')
    const tabs = document.getElementById('bottom-bar')?.shadowRoot
    tap(tabs?.querySelector('[role=tab]'))
    expect(events()).toContain('shop onTabItemTap 0 首页')
  })
})

describe('navigation that WeChat refuses', () => {
  test.each([
    ['navigateTo', '/pages/me/me', 'navigateTo:fail can not navigateTo a tabbar page'],
    ['redirectTo', '/pages/me/me', 'redirectTo:fail can not redirectTo a tabbar page'],
    ['switchTab', '/pages/order/order', 'switchTab:fail can not switch to no-tabBar page'],
    ['navigateTo', '/pages/none/none', 'navigateTo:fail page "pages/none/none" is not found'],
  ])('%s %s', async (name, url, errMsg) => {
    phone.openPage('/pages/order/order', 'reLaunch')
    await expect(wx(name, { url })).rejects.toEqual({ errMsg })
    expect(phone.currentRoute()).toBe('pages/order/order')
  })

  test('an eleventh page', async () => {
    phone.openPage('/pages/order/order', 'reLaunch')
    for (let depth = 2; depth <= 10; depth += 1) phone.openPage('/pages/order/order')
    await expect(wx('navigateTo', { url: '/pages/order/order' })).rejects.toMatchObject({
      errMsg: expect.stringContaining('navigateTo:fail webview count limit exceed'),
    })
  })
})

describe('a page', () => {
  test('draws templates, components, WXS and lists', async () => {
    answerRequests()
    const page = phone.openPage('/pages/shop/shop', 'reLaunch')
    await settle()
    expect(page.element.textContent).toContain('¥68.00')
    expect(page.element.textContent).toContain('OK 2')
    tap(button(page.element, '¥39.90'))
    expect(page.data().log).toContain('pick 3990')
  })

  test('works with TDesign: a stepper changes the total', async () => {
    answerRequests()
    const page = phone.openPage('/pages/shop/shop', 'reLaunch')
    await settle()
    tap(page.element.querySelector('[class*="t-stepper__plus"]'))
    expect(page.data().total).toBe('¥136.00')
  })

  test('submits a form with every field that has a name', async () => {
    const page = phone.openPage('/pages/order/order', 'reLaunch')
    input(page.element.querySelector('input'), '快点')
    tap(page.element.querySelectorAll('radio')[1])
    tap(page.element.querySelector('switch'))
    tap(findByText(page.element, '送达时间'))
    tap(findByText(phone.overlay, '下午'))
    tap(findByText(phone.overlay, '确定'))
    await settle()
    tap(findByText(page.element, '提交'))
    expect(page.data().value).toBe('{"remark":"快点","way":"self","invoice":true,"slot":[1,0]}')
  })

  test('picks a date in its own columns', async () => {
    const page = phone.openPage('/pages/order/order', 'reLaunch')
    tap(page.element.querySelector('.date'))
    tap(findByText(phone.overlay, '2027'))
    tap(findByText(phone.overlay, '确定'))
    await settle()
    expect(page.data().date).toBe('2027-11-03')
  })
})

test('a component mounted alone shows its properties and reports its events', () => {
  const tag = phone.mount('components/price-tag/price-tag', { fen: 1234 })
  const picks = tag.eventsOf('pick')
  expect(tag.element.textContent).toBe('¥12.34')
  tap(findByText(tag.element, '¥12.34'))
  tag.setData({ fen: 5 })
  expect(tag.element.textContent).toBe('¥0.05')
  expect(picks).toEqual([{ fen: 1234 }])
  tag.release()
})

describe('dialogues', () => {
  test('a sheet, then a modal, answered by the shopper', async () => {
    answerRequests()
    const page = phone.openPage('/pages/shop/shop', 'reLaunch')
    tap(button(page.element, '更多'))
    await settle()
    tap(findByText(phone.overlay, '删除'))
    await settle()
    expect(phone.overlay.textContent).toContain('选择了第 2 项，要继续吗？')
    tap(findByText(phone.overlay, '确定'))
    await waitFor(() => (page.data().log as string[]).includes('confirmed'))
  })

  test('a sheet that is cancelled fails as in WeChat', async () => {
    const answer = wx('showActionSheet', { itemList: ['一'] })
    tap(findByText(phone.overlay, '取消'))
    await expect(answer).rejects.toEqual({ errMsg: 'showActionSheet:fail cancel' })
  })

  test('an editable modal gives what was typed', async () => {
    const answer = wx('showModal', { title: '备注', editable: true, placeholderText: '写点什么' })
    input(phone.overlay.querySelector('textarea'), '少糖')
    tap(findByText(phone.overlay, '确定'))
    await expect(answer).resolves.toEqual({
      errMsg: 'showModal:ok',
      confirm: true,
      cancel: false,
      content: '少糖',
    })
  })

  test('a toast shows and hides; loading stays until it is hidden', async () => {
    await wx('showLoading', { title: '加载中' })
    expect(phone.overlay.querySelector('[role=status]')?.textContent).toBe('加载中')
    await wx('hideLoading')
    expect(phone.overlay.querySelector('[role=status]')).toBeNull()
  })

  test('an address is chosen from the book, or typed and kept for the next time', async () => {
    const typed = wx<{ userName: string }>('chooseAddress')
    tap(findByText(phone.overlay, '新增收货地址'))
    tap(findByText(phone.overlay, '保存并使用'))
    expect(phone.overlay.querySelector('[role=alert]')?.textContent).toBe('请填写收货人')
    const [name, mobile, detail] = phone.overlay.querySelectorAll('input')
    input(name, '赵六')
    input(mobile, '13600136000')
    input(detail, '体育东路 1 号')
    tap(findByText(phone.overlay, '保存并使用'))
    await expect(typed).resolves.toEqual({
      errMsg: 'chooseAddress:ok',
      userName: '赵六',
      telNumber: '13600136000',
      provinceName: '广东省',
      cityName: '广州市',
      countyName: '海珠区',
      detailInfo: '体育东路 1 号',
      postalCode: '510000',
      nationalCode: '510000',
    })
    const again = wx<{ userName: string }>('chooseAddress')
    tap(findByText(phone.overlay, '赵六'))
    expect((await again).userName).toBe('赵六')
  })
})

describe('the bars', () => {
  const topBar = () => document.getElementById('top-bar')?.shadowRoot ?? document

  test('show the page’s title and what the program sets instead', async () => {
    answerRequests()
    phone.openPage('/pages/shop/shop', 'reLaunch')
    expect(topBar().querySelector('.title')?.textContent).toBe('首页')
    await wx('setNavigationBarTitle', { title: '今日特价' })
    expect(topBar().querySelector('.title')?.textContent).toBe('今日特价')
  })

  test('offer back above another page, home on a page that was opened first, nothing on a tab', () => {
    const leading = () => topBar().querySelector('.leading button')?.getAttribute('aria-label')
    answerRequests()
    phone.openPage('/pages/shop/shop', 'reLaunch')
    expect(leading()).toBeUndefined()
    phone.openPage('/pages/order/order')
    expect(leading()).toBe('返回')
    phone.openPage('/pages/order/order', 'reLaunch')
    expect(leading()).toBe('首页')
  })

  test('carry badges and dots on tabs', async () => {
    const tabs = () => document.getElementById('bottom-bar')?.shadowRoot
    phone.openPage('/pages/me/me', 'reLaunch')
    await wx('setTabBarBadge', { index: 0, text: '3' })
    expect(tabs()?.querySelector('.badge')?.textContent).toBe('3')
    await wx('removeTabBarBadge', { index: 0 })
    expect(tabs()?.querySelector('.badge')).toBeNull()
  })
})

describe('storage', () => {
  test('keeps values of every kind, and says when there is none', async () => {
    await wx('setStorage', { key: 'basket', data: { a: [1, 2] } })
    await expect(wx('getStorage', { key: 'basket' })).resolves.toEqual({
      errMsg: 'getStorage:ok',
      data: { a: [1, 2] },
    })
    await expect(wx('getStorage', { key: 'none' })).rejects.toEqual({
      errMsg: 'getStorage:fail data not found',
    })
  })

  test('two shoppers on one machine do not share it', async () => {
    const visitsOf = async (openid: string) => {
      const other = await loadTestPhone({ compiledDir, shopper: { openid, name: openid } })
      return other.openPage('/pages/me/me', 'reLaunch').data().visits
    }
    expect(await visitsOf('oA')).toBe(1)
    expect(await visitsOf('oA')).toBe(2)
    expect(await visitsOf('oB')).toBe(1)
    phone = await loadTestPhone({ compiledDir, requestDomains: ['http://api.example.test'] })
  })
})

test('a missing function names itself once', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
  const real = Reflect.get(globalThis, 'wx') as Record<string, unknown>
  expect([real.startBeaconDiscovery, real.startBeaconDiscovery]).toEqual([undefined, undefined])
  expect(warn.mock.calls).toEqual([
    ['[preview] wx.startBeaconDiscovery is not available in the browser preview'],
  ])
  warn.mockRestore()
})

test('callbacks are called in WeChat order: fail, then complete', async () => {
  const calls: string[] = []
  await new Promise<void>((resolve) => {
    const options = {
      key: 'none',
      fail: ({ errMsg }: { errMsg: string }) => calls.push(errMsg),
      complete: () => {
        calls.push('complete')
        resolve()
      },
    }
    const real = Reflect.get(globalThis, 'wx') as { getStorage(options: object): unknown }
    expect(real.getStorage(options)).toBeUndefined()
  })
  expect(calls).toEqual(['getStorage:fail data not found', 'complete'])
})

describe('the album', () => {
  /** What the file chooser would have given: these files, or a closed chooser. */
  const chooserGives = (files: readonly File[] | null) => {
    const seen: { accept: string; multiple: boolean }[] = []
    const click = jest.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(function (
      this: HTMLInputElement,
    ) {
      seen.push({ accept: this.accept, multiple: this.multiple })
      if (files !== null) Object.defineProperty(this, 'files', { value: files })
      this.dispatchEvent(new Event(files === null ? 'cancel' : 'change'))
    })
    return { seen, restore: () => click.mockRestore() }
  }

  test('gives as many pictures as were asked for, with their sizes, as WeChat does', async () => {
    const files = ['a', 'bb', 'ccc'].map((text) => new File([text], `${text}.png`, { type: 'image/png' }))
    const { seen, restore } = chooserGives(files)
    const chosen = await wx('chooseMedia', { count: 2, mediaType: ['image'] })
    expect(chosen).toEqual({
      errMsg: 'chooseMedia:ok',
      type: 'image',
      tempFiles: [
        { tempFilePath: expect.stringMatching(/^blob:/), size: 1, fileType: 'image' },
        { tempFilePath: expect.stringMatching(/^blob:/), size: 2, fileType: 'image' },
      ],
    })
    expect(seen).toEqual([{ accept: 'image/*', multiple: true }])
    restore()
  })

  test('closed without a choice fails with cancel', async () => {
    const { restore } = chooserGives(null)
    await expect(wx('chooseMedia', { count: 1, mediaType: ['image'] })).rejects.toEqual({
      errMsg: 'chooseMedia:fail cancel',
    })
    restore()
  })
})
