/** @module The whole mini-program in a phone on the preview's own engine, with a scripted server behind it. */
import fs from 'node:fs'
import path from 'node:path'
import {
  compileForTests,
  findByText,
  loadTestPhone,
  type TestPage,
  type TestPhone,
  tap,
} from 'miniprogram-preview/testing'
import { createFakeWx, ok, type Script } from './fake-wx.ts'

const APP_ROOT = path.join(__dirname, '..', '..', 'miniprogram')

let compiled: string | undefined
afterAll(() => {
  if (compiled !== undefined) fs.rmSync(compiled, { recursive: true, force: true })
})

/** Compiles once for a test file; give the result to `startPhone`. Removed when the file's tests are done. */
export const compileProgram = async (): Promise<string> => {
  compiled = await compileForTests({ appRoot: APP_ROOT })
  return compiled
}

/** The program freshly started, its clock at `nowMs` and standing still until `pass`. */
export const startPhone = async (
  compiledDir: string,
  { script, nowMs }: { script: Script; nowMs: number },
) => {
  localStorage.clear()
  const phone: TestPhone = await loadTestPhone({ compiledDir })
  jest.useFakeTimers({ now: nowMs, doNotFake: ['queueMicrotask'] })
  const fake = createFakeWx({
    'POST /v1/sessions': ok({ token: 't1', expiresAt: '2026-11-22T14:00:00.000Z', roles: [] }),
    ...script,
  })
  const { request, uploadFile, login, requestPayment, requestSubscribeMessage } = fake.wx
  const { chooseMedia, compressImage, previewImage } = fake.wx
  phone.replaceWx({ request, uploadFile, login, requestPayment, requestSubscribeMessage })
  phone.replaceWx({ chooseMedia, compressImage, previewImage })
  return { phone, ...fake }
}

/** Lets time pass: promises, timers and frames included. */
export const pass = (ms = 50): Promise<void> => jest.advanceTimersByTimeAsync(ms)

export const textOf = (page: TestPage): string => page.element.textContent?.replace(/\s+/g, ' ').trim() ?? ''

/** Taps what carries exactly this text. */
export const tapText = async (root: ParentNode, text: string): Promise<void> => {
  tap(findByText(root, text))
  await pass()
}

export const requestsTo = (sent: readonly { method: string; path: string }[], call: string): number =>
  sent.filter(({ method, path: to }) => `${method} ${to}` === call).length
