/** @module callFunction and openapi through the real SDK. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCloudbaseEmulator } from 'cloudbase-emulator'
import { startSandbox } from 'wechat-sandbox'
import { errorOf, openCloud } from './sdk'

test('a function gets its event and answers; one that throws or is not there is an error', async () => {
  const emulator = await startCloudbaseEmulator({
    functions: {
      add: (event) => ({ sum: Reflect.get(Object(event), 'a') + Reflect.get(Object(event), 'b') }),
      fail: () => {
        throw new Error('no stock')
      },
      quiet: () => undefined,
    },
  })
  try {
    const cloud = openCloud(emulator)
    expect((await cloud.callFunction({ name: 'add', data: { a: 1, b: 2 } })).result).toEqual({ sum: 3 })
    expect((await cloud.callFunction({ name: 'quiet' })).result).toBe('')
    // Of a function's error the SDK keeps the text only, whatever the code was.
    const failed = await errorOf(cloud.callFunction({ name: 'fail' }))
    expect([failed.errCode, failed.errMsg.includes('no stock')]).toEqual([-1, true])
    const missing = await errorOf(cloud.callFunction({ name: 'toString' }))
    expect([missing.errCode, missing.errMsg.includes('FunctionName: toString')]).toEqual([-1, true])
  } finally {
    await emulator.close()
  }
})

test('one handler can stand for every function', async () => {
  const emulator = await startCloudbaseEmulator({ functions: async (name, event) => ({ name, event }) })
  try {
    const { result } = await openCloud(emulator).callFunction({ name: 'anything', data: { a: [1] } })
    expect(result).toEqual({ name: 'anything', event: { a: [1] } })
  } finally {
    await emulator.close()
  }
})

test('openapi is passed on to WeChat’s API with a token, renewed when it went bad, and its errors come back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'emulator-openapi-'))
  const sandbox = await startSandbox({ dataDir })
  const { apiBaseUrl, appid, appSecret } = sandbox.info
  const emulator = await startCloudbaseEmulator({
    wechatApi: { baseUrl: apiBaseUrl, appid, secret: appSecret, ca: sandbox.caPem },
  })
  try {
    const send =
      openCloud(emulator).openapi.subscribeMessage?.send ?? (() => Promise.reject(new Error('no openapi')))
    sandbox.control.subscribe({ openid: 'openid-alice', templateId: 'refund-done' })
    const message = {
      touser: 'openid-alice',
      templateId: 'refund-done',
      page: 'pages/order/order?id=1',
      data: { amount1: { value: '1.00元' } },
      lang: 'zh_CN',
    }
    expect(await send(message)).toMatchObject({ errCode: 0, errMsg: 'openapi.subscribeMessage.send:ok' })
    expect(sandbox.control.messages({}).messages).toMatchObject([
      { openid: 'openid-alice', templateId: 'refund-done' },
    ])
    const again = await errorOf(send(message))
    expect(again.errCode).toBe(43101)
  } finally {
    await emulator.close()
    await sandbox.close()
    rmSync(dataDir, { recursive: true })
  }
})

test('an access token that went bad is asked for again, once', async () => {
  const asked: string[] = []
  const api = createServer((request, response) => {
    const path = String(request.url)
    asked.push(path)
    const tokens = asked.filter((other) => other.endsWith('stable_token')).length
    const isToken = path.endsWith('stable_token')
    const isBad = path.endsWith('=token-1')
    const answer = isToken
      ? { access_token: `token-${tokens}`, expires_in: 7_200 }
      : { errcode: isBad ? 40001 : 0, errmsg: isBad ? 'invalid credential' : 'ok', msgid: 1 }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port } = Object(api.address())
  let now = 1_800_000_000_000
  const emulator = await startCloudbaseEmulator({
    clock: () => now,
    wechatApi: { baseUrl: `http://127.0.0.1:${port}`, appid: 'wx1', secret: 's' },
  })
  try {
    const { security } = openCloud(emulator).openapi
    const check = () => security?.msgSecCheck?.({ content: 'x' })
    expect(await check()).toMatchObject({ errCode: 0, msgid: 1 })
    await check()
    now += 7_200_000 - 300_000
    await check()
    const call = '/wxa/msg_sec_check?access_token='
    const token = '/cgi-bin/stable_token'
    expect(asked).toEqual([
      ...[token, `${call}token-1`, token, `${call}token-2`],
      ...[`${call}token-2`, token, `${call}token-3`],
    ])
  } finally {
    await emulator.close()
    api.close()
  }
})

test('without an API, and for calls that are not passed on, openapi and cloudPay say so', async () => {
  const emulator = await startCloudbaseEmulator()
  const other = await startCloudbaseEmulator({
    wechatApi: { baseUrl: 'http://127.0.0.1:1', appid: 'wx1', secret: 's' },
  })
  try {
    const none = await errorOf(
      openCloud(emulator).openapi.subscribeMessage?.send?.({ touser: 'x' }) ?? Promise.resolve(),
    )
    expect(none.errMsg).toContain(
      'openapi.subscribeMessage.send without the option wechatApi is not emulated',
    )
    const cloud = openCloud(other)
    const unknown = await errorOf(cloud.openapi.logistics?.addOrder?.({ orderId: '1' }) ?? Promise.resolve())
    expect(unknown.errMsg).toContain('openapi.logistics.addOrder is not emulated')
    const unreachable = await errorOf(
      cloud.openapi.security?.msgSecCheck?.({ content: 'x' }) ?? Promise.resolve(),
    )
    expect(unreachable.errMsg).toContain('cloudbase-emulator: WeChat’s API')
    const pay = await errorOf(cloud.cloudPay.unifiedOrder?.({ body: 'x' }) ?? Promise.resolve())
    expect(pay.errMsg).toContain('the action wx.wxPayApi is not emulated')
  } finally {
    await other.close()
    await emulator.close()
  }
})
