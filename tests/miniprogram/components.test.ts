/** @module Own components in WeChat's older component framework (exparser), through miniprogram-simulate. */
import path from 'node:path'
import type * as Simulate from 'miniprogram-simulate'

const ROOT = path.join(__dirname, '..', '..', 'miniprogram')

interface Loaded {
  readonly simulate: typeof Simulate
  readonly load: (name: string, tag: string) => string
}

/** The simulator registers a component once per load of its modules. */
const loader = (): Loaded => {
  jest.resetModules()
  const simulate: typeof Simulate = require('miniprogram-simulate')
  return {
    simulate,
    load: (name, tag) =>
      simulate.load(path.join(ROOT, 'components', name, name), tag, {
        rootPath: ROOT,
        compiler: 'simulate',
      }),
  }
}

const parent = () => {
  const element = document.createElement('div')
  document.body.append(element)
  return element
}

describe('price', () => {
  test('shows yuan and fen, and follows its property', () => {
    const { simulate, load } = loader()
    const tag = simulate.render(load('price', 'price'), { fen: 1234 })
    tag.attach(parent())
    expect(tag.dom?.textContent).toBe('¥12.34')
    tag.setData({ fen: 5 })
    expect(tag.dom?.textContent).toBe('¥0.05')
  })
})

describe('page-state', () => {
  test('while loading there is nothing to tap', () => {
    const { simulate, load } = loader()
    const state = simulate.render(load('page-state', 'page-state'), { state: 'loading' })
    state.attach(parent())
    expect(state.dom?.textContent).toContain('加载中')
    expect(state.querySelector('.state__action')).toBeUndefined()
  })

  test('a failure says what to do and gives a way back', async () => {
    const { simulate, load } = loader()
    const acted = jest.fn()
    const page = simulate.render(
      simulate.load({
        usingComponents: { 'page-state': load('page-state', 'page-state') },
        template: '<page-state class="state" state="failed" title="网络不太顺畅" bind:act="onAct" />',
        methods: { onAct: acted },
      }),
    )
    page.attach(parent())
    const state = page.querySelector('.state')
    expect(state?.dom?.textContent).toContain('网络不太顺畅')
    const button = state?.querySelector('.state__action')
    expect(button?.dom?.textContent).toBe('重试')
    button?.dispatchEvent('tap')
    await new Promise((resolve) => setTimeout(resolve))
    expect(acted).toHaveBeenCalledTimes(1)
  })

  test('nothing to show is no failure: a button appears only when there is somewhere to go', () => {
    const { simulate, load } = loader()
    const state = simulate.render(load('page-state', 'page-state'), { state: 'empty', title: '还没有订单' })
    state.attach(parent())
    expect(state.querySelector('.state__action')).toBeUndefined()
    state.setData({ action: '去逛逛' })
    expect(state.querySelector('.state__action')?.dom?.textContent).toBe('去逛逛')
  })
})

describe('order-lines', () => {
  test('shows one line per product', () => {
    const { simulate, load } = loader()
    const lines = simulate.render(load('order-lines', 'order-lines'), {
      lines: [
        {
          productId: 'a',
          title: '椴树蜜',
          picture: '/a.png',
          unitPriceFen: 4590,
          quantity: 2,
          amountFen: 9180,
        },
        {
          productId: 'b',
          title: '手账本',
          picture: '/b.png',
          unitPriceFen: 3200,
          quantity: 1,
          amountFen: 3200,
        },
      ],
    })
    lines.attach(parent())
    expect(lines.querySelectorAll('.line')).toHaveLength(2)
    expect(lines.dom?.textContent).toContain('椴树蜜')
    expect(lines.dom?.textContent).toContain('×2')
    expect(lines.dom?.textContent).toContain('¥91.80')
  })
})
