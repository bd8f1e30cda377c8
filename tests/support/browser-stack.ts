/** @module The whole product in a real browser: `npm start` on free ports, and phones that are tapped. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Devhost, PEOPLE, readSettings, startDevhost } from '@yuanlu/devhost'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from './browser'
import { builtFunctions, type Deployment, PLAIN } from './deployments'
import { testDatabase } from './postgres'

const ROOT = resolve(__dirname, '../..')
const SCREENSHOTS = resolve(__dirname, '../output/browser')
const openidOf = (name: string): string => PEOPLE.find((person) => person.name === name)?.openid ?? ''
export const XIAOLIN = openidOf('小林')
export const AQING = openidOf('阿青')
export const OWNER = openidOf('店主')

export interface Phone {
  readonly page: Page
  /** What the page complained about: has to stay empty. */
  readonly problems: string[]
  close(): Promise<void>
}

export interface BrowserStack {
  readonly browser: Browser
  readonly host: Devhost
  /** A phone of its own: nothing of another test is in its storage. */
  openPhone(openid?: string, size?: { readonly width: number; readonly height: number }): Promise<Phone>
  close(): Promise<void>
}

/** Null when there is no browser and ALLOW_NO_BROWSER=1 says that this is fine. */
export const startBrowserStack = async (deployment: Deployment = PLAIN): Promise<BrowserStack | null> => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  const browser = await launchBrowser()
  if (browser === null) return null
  const dir = mkdtempSync(join(tmpdir(), 'yuanlu-browser-'))
  const { store, runsAs } = deployment
  // The local cloud is the development host's own part; PostgreSQL is the one that the tests have.
  const database = store === 'postgres' ? await testDatabase() : null
  const env = {
    STORE: store,
    ...(database === null ? {} : { DATABASE_URL: database.url }),
    YUANLU_DATA: dir,
    PORT: '0',
    PREVIEW_PORT: '0',
    SANDBOX_PORT: '0',
    SANDBOX_API_PORT: '0',
    SANDBOX_CONTROL_PORT: '0',
  }
  const functions = runsAs === 'functions' ? await builtFunctions(store) : null
  const host = await startDevhost({ settings: readSettings(env, ROOT), env, checkout: ROOT, functions })
  return {
    browser,
    host,
    openPhone: async (openid = XIAOLIN, size = { width: 375, height: 812 }) => {
      const context = await browser.newContext({
        viewport: size,
        hasTouch: true,
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
      })
      const page = await context.newPage()
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      await page.goto(new URL(`/phone?openid=${openid}`, host.run.previewUrl).href)
      await page.getByText('云南日晒咖啡豆 250g').waitFor()
      return { page, problems, close: () => context.close() }
    },
    close: async () => {
      await browser.close()
      await host.stop()
      await database?.drop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Keeps what the page shows as a picture, once it stands still; what spins for ever is not waited for. */
export const photograph = async (page: Page, name: string): Promise<void> => {
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity)
    const still = Promise.allSettled(ending.map((animation) => animation.finished))
    return Promise.race([still, new Promise((resolve) => setTimeout(resolve, 1_000))])
  })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

export const chooseAndSubmit = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: '加入购物袋 云南日晒咖啡豆 250g' }).click()
  await page.getByText('去结算').click()
  await page.getByText('选择收货地址').click()
  await page.getByText('广东省广州市海珠区').first().click()
  await page.getByText('提交订单').click()
  await page.getByText('立即支付').waitFor()
}

/** The sandbox's control API, as any tool would call it. */
export const control = async (host: Devhost, path: string, body?: object): Promise<unknown> => {
  const { controlUrl, controlToken } = JSON.parse(readFileSync(host.run.sandboxFile, 'utf8'))
  const answer = await fetch(`${controlUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${controlToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return answer.json()
}

/** What our server answers somebody who is signed in. */
export const readAs = async (host: Devhost, openid: string, path: string): Promise<unknown> => {
  const { code } = (await control(host, '/code', { openid })) as { code: string }
  const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
  const signIn = await fetch(`${host.run.apiUrl}/v1/sessions`, { ...post, body: JSON.stringify({ code }) })
  const { token } = (await signIn.json()).data
  const answer = await fetch(host.run.apiUrl + path, { headers: { Authorization: `Bearer ${token}` } })
  return (await answer.json()).data
}
