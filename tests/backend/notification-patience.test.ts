/** A server answers a notification while WeChat Pay still waits for it, however slowly it gets its certificates. */
import { createServer } from 'node:http'
import { readConfig, startBackend } from '@yuanlu/backend'
import { anyFreePort } from '@yuanlu/devhost'
import { PAYMENT_NOTIFY_PATH } from '@yuanlu/gateway-wechat'
import { startTestStore } from '../support/deployments'
import { functionEnv } from '../support/functions'

test('a server refuses after 3 s a notification whose certificates do not come, and leaves no timer', async () => {
  let asked: () => void = () => {}
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const paths: string[] = []
  const wechat = createServer(({ url = '' }) => {
    paths.push(url)
    asked()
  })
  const wechatPort = await anyFreePort()
  await new Promise<void>((resolve) => wechat.listen(wechatPort, '127.0.0.1', resolve))
  const store = await startTestStore('postgres')
  const silent = () => undefined
  const backend = await startBackend({
    config: readConfig({
      ...functionEnv({ WXPAY_PUBLIC_KEY_ID: undefined, WXPAY_PUBLIC_KEY: undefined }),
      ...store.variables,
      WXPAY_BASE_URL: `http://127.0.0.1:${wechatPort}`,
      PORT: String(await anyFreePort()),
      JOBS: 'off',
    }),
    log: { info: silent, warn: silent, error: silent },
  })
  // Time passes only where the test says so; sockets work on.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
  try {
    const answered = jest.fn()
    const notified = fetch(`${backend.url}${PAYMENT_NOTIFY_PATH}`, {
      method: 'POST',
      headers: {
        Connection: 'close',
        'Wechatpay-Timestamp': String(Math.floor(Date.now() / 1_000)),
        'Wechatpay-Nonce': 'c5ac7061fccab6bf3e254dcf98995b8c',
        'Wechatpay-Serial': '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
        'Wechatpay-Signature': 'c2lnbmF0dXJl',
      },
      body: JSON.stringify({ id: '1', resource: {} }),
    }).then(({ status }) => answered(status))
    await isAsked
    expect(paths).toEqual(['/v3/certificates?algorithm_type=RSA'])
    const timersOfTheCall = jest.getTimerCount()
    await jest.advanceTimersByTimeAsync(2_999)
    expect(answered).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    await notified
    expect(answered).toHaveBeenCalledWith(401)
    expect(jest.getTimerCount()).toBeLessThan(timersOfTheCall)
  } finally {
    jest.useRealTimers()
    wechat.closeAllConnections()
    wechat.close()
    await backend.close()
    await store.close()
  }
})
