/** @module What can be chosen about `npm start`, and what is said about a choice that cannot be had. */
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { anyFreePort, readSettings, startDevhost } from '@yuanlu/devhost'

const CHECKOUT = path.join(os.tmpdir(), 'a-checkout')

test('without any choice, the usual ports and a folder in the checkout', () => {
  const { dataDir, databaseUrl, newTradesApi, ports, store } = readSettings({}, CHECKOUT)
  expect(dataDir).toBe(path.join(CHECKOUT, '.yuanlu'))
  expect(databaseUrl).toBeUndefined()
  expect(store).toBe('postgres')
  expect(newTradesApi).toBe('v3')
  expect(ports).toEqual({
    backend: { variable: 'PORT', port: 8080, asked: false },
    preview: { variable: 'PREVIEW_PORT', port: 8090, asked: false },
    wechatPay: { variable: 'SANDBOX_PORT', port: 8443, asked: false },
    wechatApi: { variable: 'SANDBOX_API_PORT', port: 8444, asked: false },
    wechatControl: { variable: 'SANDBOX_CONTROL_PORT', port: 8445, asked: false },
  })
})

test('choices are taken, an empty one counts as none', () => {
  const env = {
    PORT: '9000',
    PREVIEW_PORT: '',
    WXPAY_API: 'v2',
    DATABASE_URL: 'postgres://db/shop',
    STORE: 'cloudbase',
    YUANLU_DATA: 'kept',
  }
  const settings = readSettings(env, CHECKOUT)
  expect(settings).toMatchObject({
    dataDir: path.join(CHECKOUT, 'kept'),
    databaseUrl: 'postgres://db/shop',
    newTradesApi: 'v2',
    store: 'cloudbase',
  })
  expect(settings.ports.backend).toEqual({ variable: 'PORT', port: 9000, asked: true })
  expect(settings.ports.preview).toEqual({ variable: 'PREVIEW_PORT', port: 8090, asked: false })
})

test.each([
  [{ WXPAY_API: 'v4' }, 'WXPAY_API must be v3 or v2, not "v4".'],
  [{ STORE: 'sqlite' }, 'STORE must be postgres or cloudbase, not "sqlite".'],
  [{ PORT: 'http' }, 'PORT must be a port from 0 (any free one) to 65535, not "http".'],
  [{ SANDBOX_PORT: '65536' }, 'SANDBOX_PORT must be a port from 0 (any free one) to 65535, not "65536".'],
])('%j is refused with its name', (env, message) => {
  expect(() => readSettings(env, CHECKOUT)).toThrow(message)
})

test('a port of which nobody cares which one it is lies below those that connections are given', async () => {
  const drawn = await Promise.all(Array.from({ length: 50 }, () => anyFreePort()))
  // 32768 is where Linux begins by default; Windows and macOS begin later.
  expect(drawn.filter((port) => port < 1024 || port >= 32_768)).toEqual([])
})

test('a port that is spoken for is not given a second time', async () => {
  const all = Array.from({ length: 32_768 }, (_, port) => port)
  await expect(anyFreePort(new Set(all))).rejects.toThrow('no free port on 127.0.0.1')
})

describe('a port that another program has', () => {
  let other: net.Server
  let taken: number
  let dataDir: string
  beforeEach(async () => {
    dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-ports-'))
    other = net.createServer()
    taken = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      }),
    )
  })
  afterEach(async () => {
    await new Promise((resolve) => other.close(resolve))
    fs.rmSync(dataDir, { recursive: true, force: true })
  })

  test('is named, with the variable that changes it, when somebody asked for it', async () => {
    const env = { PORT: String(taken), YUANLU_DATA: dataDir }
    await expect(
      startDevhost({ settings: readSettings(env, CHECKOUT), env, checkout: CHECKOUT }),
    ).rejects.toThrow(
      `Port ${taken} is taken by another program. Close it, or choose another port in the environment variable PORT (0: any free one).`,
    )
  })

  test('is passed over, and said, when it was only the usual one', async () => {
    const env = { PREVIEW_PORT: '0', SANDBOX_PORT: '0', SANDBOX_API_PORT: '0', SANDBOX_CONTROL_PORT: '0' }
    const settings = readSettings(
      { ...env, YUANLU_DATA: dataDir, WXPAY_API: 'v3', DATABASE_URL: 'not a url' },
      CHECKOUT,
    )
    const said: string[] = []
    const starting = startDevhost({
      settings: {
        ...settings,
        ports: { ...settings.ports, backend: { variable: 'PORT', port: taken, asked: false } },
      },
      env,
      checkout: CHECKOUT,
      say: (line) => said.push(line),
    })
    // It stops at the next thing that is wrong, and says that plainly too; the ports have been chosen by then.
    await expect(starting).rejects.toThrow(/^The environment cannot be used:\nDATABASE_URL: /)
    expect(said[0]).toMatch(
      new RegExp(`^Port ${taken} is taken by another program; using \\d+ instead \\(PORT chooses it\\)\\.$`),
    )
  })
})
