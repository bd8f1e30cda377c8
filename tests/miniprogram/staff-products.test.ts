/** @module The staff's catalogue: what is shown to whom, what is typed, what is saved and what is not. */
import type { Product } from '@yuanlu/contract'
import { tap } from 'miniprogram-preview/testing'
import {
  formOf,
  hasMoved,
  priceQuestion,
  readProductForm,
  rebased,
  staffProductViews,
} from '../../miniprogram/view/staff-products.ts'
import { aProduct } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, textOf } from './phone.ts'
import { startProgram } from './program.ts'
import { bodiesTo, decisionButton, tapDecision, tapText, typeInto } from './staff-hands.ts'

const coffee = aProduct()
const bodyOf = ({ productId: _, ...body }: Product) => body

describe('a product as typed', () => {
  const read = (change: Partial<ReturnType<typeof formOf>>) =>
    readProductForm({ ...formOf(coffee), ...change })

  test('unchanged it is what it was', () => {
    expect(read({})).toEqual({ kind: 'ready', body: bodyOf(coffee) })
  })

  test('a price is read by its digits', () => {
    for (const [text, fen] of [
      ['0.07', 7],
      ['1.1', 110],
      ['19.99', 1999],
      ['１２。５', 1250],
      ['10000000', 1_000_000_000],
    ] as const)
      expect(read({ price: text })).toMatchObject({ body: { priceFen: fen } })
    for (const price of ['', '0', '0.00', '-1', '1.005', '1e2', '¥5'])
      expect(read({ price })).toMatchObject({ problem: expect.stringContaining('请填写价格') })
    expect(read({ price: '10000000.01' })).toMatchObject({ problem: expect.stringContaining('价格太高') })
  })

  test('stock is whole pieces, and none is off sale', () => {
    expect(read({ stock: '0' })).toMatchObject({ body: { stock: 0 } })
    expect(read({ stock: ' １２ ' })).toMatchObject({ body: { stock: 12 } })
    for (const stock of ['', '-1', '1.5', '1e3', '十', '1234567890'])
      expect(read({ stock })).toMatchObject({ problem: expect.stringContaining('请填写库存') })
  })

  test('the name is one line of 1 to 60, the description at most 500', () => {
    for (const title of ['', '  ', '长'.repeat(61), '一\n二'])
      expect(read({ title })).toMatchObject({ problem: expect.stringContaining('请填写商品名称') })
    expect(read({ title: ` ${'长'.repeat(60)} ` })).toMatchObject({ body: { title: '长'.repeat(60) } })
    expect(read({ description: '长'.repeat(501) })).toMatchObject({ kind: 'problem' })
    expect(read({ description: '长'.repeat(500) }).kind).toBe('ready')
  })

  test('over a product that moved on, what was typed stays and the rest follows', () => {
    const fresh = { ...coffee, stock: 48, description: '新的介绍' }
    expect(hasMoved(coffee, coffee)).toBe(false)
    expect(hasMoved(coffee, fresh)).toBe(true)
    expect(rebased({ ...formOf(coffee), price: '70' }, coffee, fresh)).toEqual({
      title: coffee.title,
      price: '70',
      stock: '48',
      description: '新的介绍',
      imageUrl: coffee.imageUrl,
    })
  })

  test('a new price is read back, the same one is not', () => {
    expect(priceQuestion(coffee, { ...coffee, priceFen: 680 })?.content).toContain('从 ¥68.00 改为 ¥6.80')
    expect(priceQuestion(coffee, { ...coffee, stock: 1 })).toBeNull()
    expect(priceQuestion(null, coffee)).toBeNull()
  })

  test('no stock is said to be off sale', () => {
    const [on, off] = staffProductViews([coffee, { ...coffee, stock: 0, imageUrl: '' }])
    expect(on).toMatchObject({ stockText: '库存 50 件', offSale: false })
    expect(off).toMatchObject({ stockText: '已下架（库存为 0）', offSale: true })
    expect(off?.picture).toBe('/assets/products/no-picture.png')
  })
})

describe('the page', () => {
  const LIST = 'GET /v1/merchant/products'
  const PUT = 'PUT /v1/merchant/products/coffee-beans'
  const listed = (...items: Product[]) => ok({ items })

  const open = async (script: Script, role = 'owner') => {
    const started = await startProgram({
      'GET /v1/me': ok({ openid: 'oOwner', roles: [role] }),
      [LIST]: listed(coffee),
      ...script,
    })
    started.phone.openPage('/pages/home/home', 'reLaunch')
    const shown = started.phone.openPage('/pages/staff-products/staff-products')
    await pass()
    return { ...started, shown }
  }

  test.each(['support', 'finance'])('%s reads, and finds nothing to change', async (role) => {
    const { shown } = await open({}, role)
    expect(textOf(shown)).toContain('库存 50 件')
    expect(textOf(shown)).toContain('只有店主可以新增和修改商品。')
    expect(shown.element.querySelectorAll('button')).toHaveLength(0)
  })

  test('taking a product off sale is stock 0, everything else stays', async () => {
    const off = { ...coffee, stock: 0 }
    const { shown, phone, sent } = await open({
      [LIST]: [listed(coffee), listed(coffee), listed(coffee), listed(off)],
      [PUT]: ok(off),
    })
    await tapText(shown.element, '修改')
    expect(textOf(shown)).toContain('库存填 0 就是下架')
    await typeInto(shown, '可以卖出的件数', '0')
    expect(requestsTo(sent, PUT)).toBe(0)
    await tapDecision(shown, '保存')
    expect(bodiesTo(sent, PUT)).toEqual([bodyOf(off)])
    expect(textOf(shown)).toContain('已下架（库存为 0）')
    expect(phone.overlay.textContent).toContain('已保存')
  })

  test('a new price is asked about before it is saved', async () => {
    const { shown, phone, sent } = await open({ [PUT]: ok({ ...coffee, priceFen: 680 }) })
    await tapText(shown.element, '修改')
    await typeInto(shown, '例如 12.50', '6.80')
    await tapDecision(shown, '保存')
    expect(phone.overlay.textContent).toContain('从 ¥68.00 改为 ¥6.80')
    await tapText(phone.overlay, '再看看')
    expect(requestsTo(sent, PUT)).toBe(0)
    expect(shown.data().sheet).not.toBeNull()
    await tapDecision(shown, '保存')
    await tapText(phone.overlay, '确认改价')
    expect(bodiesTo(sent, PUT)).toEqual([bodyOf({ ...coffee, priceFen: 680 })])
  })

  test('the sheet opens over the stock of this moment, not over what the list showed', async () => {
    const { shown } = await open({ [LIST]: [listed(coffee), listed({ ...coffee, stock: 47 })] })
    await tapText(shown.element, '修改')
    expect(shown.data().form).toMatchObject({ stock: '47' })
    expect(textOf(shown)).toContain('现在库存47 件')
  })

  test('without an answer about the stock the sheet stays shut', async () => {
    const { shown, phone } = await open({ [LIST]: [listed(coffee), refused(403, 'NOT_ALLOWED')] })
    await tapText(shown.element, '修改')
    expect(shown.data().sheet).toBeNull()
    expect(phone.overlay.textContent).toContain('没有这项操作的权限')
  })

  test('pieces sold meanwhile are shown before anything is overwritten', async () => {
    const sold = { ...coffee, stock: 48 }
    const { shown, sent } = await open({
      [LIST]: [listed(coffee), listed(coffee), listed(sold)],
      [PUT]: ok(sold),
    })
    await tapText(shown.element, '修改')
    await typeInto(shown, '最多 60 个字', '云南咖啡豆')
    await tapDecision(shown, '保存')
    expect(textOf(shown)).toContain('现在库存 48 件。请核对后再保存。')
    expect(requestsTo(sent, PUT)).toBe(0)
    await tapDecision(shown, '保存')
    expect(bodiesTo(sent, PUT)).toEqual([{ ...bodyOf(sold), title: '云南咖啡豆' }])
  })

  describe('a picture', () => {
    const UPLOAD = 'POST /v1/uploads'
    const signed = 'http://127.0.0.1:8080/v1/uploads/f1?expires=1&viewer=v&signature=s'
    const taken = ok({ fileId: 'f1', url: signed })

    const choosing = async (script: Script) => {
      const started = await open({ [PUT]: ok(coffee), ...script })
      started.album.chosen = [{ tempFilePath: 'wxfile://cup.jpg', size: 1000 }]
      await tapText(started.shown.element, '修改')
      await tapText(started.shown.element, '换一张')
      return started
    }

    test('is uploaded at once and saved with the product', async () => {
      const { shown, sent } = await choosing({ [UPLOAD]: taken })
      await tapDecision(shown, '保存')
      expect(bodiesTo(sent, PUT)).toEqual([{ ...bodyOf(coffee), imageUrl: signed }])
    })

    test('still on its way holds the product back with a word', async () => {
      const { shown, sent } = await choosing({ [UPLOAD]: after(5_000, taken) })
      await tapDecision(shown, '保存')
      expect(textOf(shown)).toContain('图片还在上传，请稍等片刻再保存。')
      expect(requestsTo(sent, PUT)).toBe(0)
      await pass(5_000)
      await tapDecision(shown, '保存')
      expect(bodiesTo(sent, PUT)).toEqual([{ ...bodyOf(coffee), imageUrl: signed }])
    })

    test('that was refused says why, and the product keeps the one it had', async () => {
      const { shown, sent } = await choosing({ [UPLOAD]: refused(400, 'INVALID_INPUT') })
      expect(textOf(shown)).toContain('这张图片的格式不支持')
      await tapDecision(shown, '保存')
      expect(bodiesTo(sent, PUT)).toEqual([bodyOf(coffee)])
    })

    test('can be taken away, also while it is on its way', async () => {
      const { shown, sent } = await choosing({ [UPLOAD]: after(5_000, taken) })
      await tapText(shown.element, '移除')
      await pass(6_000)
      await tapDecision(shown, '保存')
      expect(bodiesTo(sent, PUT)).toEqual([{ ...bodyOf(coffee), imageUrl: '' }])
    })
  })

  test('a new product is saved under one id, also after a lost answer', async () => {
    const isNew = ({ method, path }: { method: string; path: string }) =>
      method === 'PUT' && path.startsWith('/v1/merchant/products/')
    const { shown, sent } = await open({})
    await tapText(shown.element, '新增商品')
    await tapDecision(shown, '保存')
    expect(textOf(shown)).toContain('请填写商品名称')
    await typeInto(shown, '最多 60 个字', '椴树蜜')
    await typeInto(shown, '例如 12.50', '45.9')
    await typeInto(shown, '可以卖出的件数', '20')
    const confirm = decisionButton(shown, '保存')
    tap(confirm)
    tap(confirm)
    await pass()
    expect(sent.filter(isNew)).toHaveLength(1)
    // Refused or lost, what was typed is still there.
    await tapDecision(shown, '保存')
    const [first, second] = sent.filter(isNew)
    expect(second?.path).toBe(first?.path)
    expect(first?.path).toMatch(/^\/v1\/merchant\/products\/[A-Za-z0-9_-]{1,64}$/)
    expect(first?.data).toEqual({
      title: '椴树蜜',
      description: '',
      priceFen: 4590,
      stock: 20,
      imageUrl: '',
    })
  })

  test('saved, but the answer was lost: saving again is no surprise', async () => {
    const off = { ...coffee, stock: 0 }
    const { shown, sent } = await open({
      [LIST]: [listed(coffee), listed(coffee), listed(coffee), listed(off)],
      [PUT]: ['no answer', ok(off)],
    })
    await tapText(shown.element, '修改')
    await typeInto(shown, '可以卖出的件数', '0')
    await tapDecision(shown, '保存')
    expect(textOf(shown)).toContain('网络不太顺畅')
    await tapDecision(shown, '保存')
    expect(requestsTo(sent, PUT)).toBe(2)
    expect(shown.data().sheet).toBeNull()
  })

  test('no longer an owner: the sheet goes, the list stays to read', async () => {
    const { shown, phone } = await open({
      'GET /v1/me': [ok({ openid: 'o', roles: ['owner'] }), ok({ openid: 'o', roles: ['support'] })],
      [PUT]: refused(403, 'NOT_ALLOWED'),
    })
    await tapText(shown.element, '修改')
    await typeInto(shown, '可以卖出的件数', '0')
    await tapDecision(shown, '保存')
    expect(shown.data().sheet).toBeNull()
    expect(textOf(shown)).toContain('只有店主可以新增和修改商品。')
    expect(phone.overlay.textContent).toContain('没有这项操作的权限')
  })

  test('a shopper sees nothing of it', async () => {
    const { shown } = await open({ [LIST]: refused(403, 'NOT_ALLOWED') })
    expect(textOf(shown)).toContain('这里是店员的工作台')
  })
})
