import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createSecureContext, connect as tlsConnect } from 'node:tls'
import { promisify } from 'node:util'
import { aSandbox, cleanUp, emptyDirectory, Merchant, newDirectory, send } from './merchant.ts'
import { ADDRESS_OUTSIDE } from './this-machine.ts'

afterAll(cleanUp)

/** Speaks to `host` through the sandbox as a proxy; the TLS name is the host's own. */
function through(proxy: string, target: string, ca: string): Promise<{ status: number; answer: string }> {
  const { hostname, port } = new URL(proxy)
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, method: 'CONNECT', path: target, agent: false })
      .on('connect', (response, socket) => {
        const status = response.statusCode ?? 0
        if (status !== 200) {
          socket.destroy()
          return resolve({ status, answer: '' })
        }
        const secure = tlsConnect({ socket, servername: target.split(':')[0] ?? '', ca }, () =>
          secure.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
        )
        let answer = ''
        secure.on('data', (chunk) => {
          answer += chunk
        })
        secure.on('error', reject)
        secure.on('close', () => resolve({ status, answer: answer.split('\r\n')[0] ?? '' }))
      })
      .on('error', reject)
      .end()
  })
}

test.each([
  'api.mch.weixin.qq.com:443',
  'api2.mch.weixin.qq.com:443',
  'api.wechatpay.cn:443',
  'api2.wechatpay.cn:443',
  'api.weixin.qq.com:443',
])('as an HTTPS proxy it leads %s to itself, with a certificate of that name', async (target) => {
  const { info, caPem } = await aSandbox()
  expect(await through(info.controlUrl, target, caPem)).toEqual({
    status: 200,
    answer: 'HTTP/1.1 404 Not Found',
  })
})

test.each(['example.com:443', 'api.mch.weixin.qq.com:80', '127.0.0.1:22', 'api.mch.weixin.qq.com', ''])(
  'it is a proxy to nowhere else: %j',
  async (target) => {
    const { info, caPem } = await aSandbox()
    expect((await through(info.controlUrl, target || '/', caPem)).status).toBe(403)
  },
)

test('a client that hangs up midway leaves it standing', async () => {
  const { info, caPem } = await aSandbox()
  const { hostname, port } = new URL(info.controlUrl)
  await new Promise<void>((resolve) => {
    request({ host: hostname, port, method: 'CONNECT', path: 'api.mch.weixin.qq.com:443', agent: false })
      .on('connect', (_response, socket) => {
        socket.write('not tls')
        if ('resetAndDestroy' in socket && typeof socket.resetAndDestroy === 'function')
          socket.resetAndDestroy()
        resolve()
      })
      .end()
  })
  expect((await send(`${info.baseUrl}/nowhere`, { ca: caPem })).status).toBe(404)
})

test('apiclient_cert.p12 opens with the merchant number and is the certificate that refunds ask for', async () => {
  const sandbox = await aSandbox()
  const { info } = sandbox
  const pfx = readFileSync(info.certFile.replace(/pem$/, 'p12'))
  expect(() => createSecureContext({ pfx, passphrase: '1234567890' })).toThrow()
  expect(() => createSecureContext({ pfx, passphrase: info.mchid })).not.toThrow()
})

test('a data directory from before it knew WeChat’s names and the p12 file gets both', async () => {
  const dataDir = await newDirectory()
  rmSync(join(dataDir, 'apiclient_cert.p12'))
  const names = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8'))
  expect(names.serverHosts).toContain('api.mch.weixin.qq.com')
  const sandbox = await aSandbox({ dataDir })
  const pfx = readFileSync(join(dataDir, 'apiclient_cert.p12'))
  expect(() => createSecureContext({ pfx, passphrase: sandbox.info.mchid })).not.toThrow()
  expect(new Merchant(sandbox).certificate.cert).toContain('BEGIN CERTIFICATE')
})

const REDIRECT = join(__dirname, '../../packages/wechat-sandbox/bin/redirect.cjs')

test.each([
  [
    'fetch',
    "console.log((await (await fetch('https://api.weixin.qq.com/sns/jscode2session')).json()).errcode)",
  ],
  ['fetch of the other domain', "console.log((await fetch('https://api2.wechatpay.cn/nowhere')).status)"],
  [
    'https.get',
    "(await import('node:https')).get('https://api2.mch.weixin.qq.com/nowhere', (answer) => { console.log(answer.statusCode); answer.resume() })",
  ],
])('a Node.js program under wechat-sandbox/redirect ends here by %s, TLS verified', async (_name, code) => {
  const { infoFile } = await aSandbox()
  const run = (env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, ['--require', REDIRECT, '--input-type=module', '-e', code], {
      env: { ...process.env, NODE_OPTIONS: '', WECHAT_SANDBOX: infoFile, ...env },
      timeout: 20_000,
    })
  expect((await run({})).stdout).toMatch(/^(41002|404)\n$/)
  // The authority of a sandbox with keys of its own: the name leads here, and the certificate is refused.
  const other = await aSandbox({ dataDir: emptyDirectory() })
  const info = JSON.parse(readFileSync(infoFile, 'utf8'))
  const crossed = join(other.infoFile, '../crossed.json')
  writeFileSync(crossed, JSON.stringify({ ...info, caFile: other.info.caFile }))
  await expect(run({ WECHAT_SANDBOX: crossed })).rejects.toThrow(/certificate/)
})

const ifReachable = ADDRESS_OUTSIDE === undefined ? test.skip : test

ifReachable(
  'with --host, other machines and containers find a certificate of the name they call',
  async () => {
    const { info, caPem } = await aSandbox({ host: '0.0.0.0' })
    const { port } = new URL(info.baseUrl)
    expect((await send(`https://${ADDRESS_OUTSIDE}:${port}/`, { ca: caPem })).status).toBe(404)
    expect(await nameIsServed('host.docker.internal', port, caPem)).toBe(true)

    const closed = await aSandbox()
    expect(await nameIsServed('host.docker.internal', new URL(closed.info.baseUrl).port, closed.caPem)).toBe(
      false,
    )
  },
)

/** Whether the certificate is good for a name that leads here. */
function nameIsServed(servername: string, port: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tlsConnect({ host: '127.0.0.1', port: Number(port), servername, ca }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
