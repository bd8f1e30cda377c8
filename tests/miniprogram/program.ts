/** @module For tests of pages: the program, compiled once for a file and started anew by each test. */
import type { TestPage } from 'miniprogram-preview/testing'
import { NOON_MS } from './an-order.ts'
import type { Script } from './fake-wx.ts'
import { compileProgram, startPhone } from './phone.ts'

let compiledDir = ''
beforeAll(async () => {
  compiledDir = await compileProgram()
})
afterEach(() => {
  jest.useRealTimers()
})

/** At noon, unless it is said otherwise. */
export const startProgram = (script: Script, nowMs = NOON_MS) => startPhone(compiledDir, { script, nowMs })

/** What WeChat does with a page's handler, without waiting for what comes of it. */
export const callNow = ({ instance }: TestPage, handler: string): void => {
  const method = instance[handler]
  if (typeof method !== 'function') throw new Error(`the page has no ${handler}`)
  method.call(instance)
}

export const goBack = (): void => {
  const wx: { navigateBack: () => unknown } = Reflect.get(globalThis, 'wx')
  wx.navigateBack()
}
