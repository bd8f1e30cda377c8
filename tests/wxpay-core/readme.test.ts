/** @module The examples of the README that money or a server hangs on, run as they stand there. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { apiV3Key, fixture, publicKeyId, v2Key } from './fixtures.ts'
import { aPaidMessage, aPaidTransaction, sealed, v2Signed, v3Headers } from './wechat-side.ts'

const { bundle } = jest.requireActual<{
  bundle(entry: string, format: 'esm' | 'cjs'): Promise<Uint8Array>
}>('../../scripts/build/wxpay-core.mjs')

const readme = readFileSync(join(__dirname, '..', '..', 'packages', 'wxpay-core', 'README.md'), 'utf8')
const scratch = mkdtempSync(join(tmpdir(), 'wxpay-core-readme-'))
const home = join(scratch, 'node_modules', 'wxpay-core')

beforeAll(async () => {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module", "exports": "./index.js" }')
  writeFileSync(join(home, 'index.js'), await bundle('src/index.ts', 'esm'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Writes the one example that exports a function of this name, as a program could import it. */
function example(name: string): void {
  const found = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].filter(([, code = '']) =>
    code.includes(`function ${name}(`),
  )
  expect(found).toHaveLength(1)
  const { code } = transformSync(found[0]?.[1] ?? '', { loader: 'ts', format: 'esm' })
  writeFileSync(join(scratch, `${name}.mjs`), code)
}

/** What a program says that imports it, in a process of its own: one that dies is noticed. */
function outputOf(program: string): unknown {
  const file = join(scratch, 'program.mjs')
  writeFileSync(file, program)
  const env = { ...process.env, WXPAY_V3_KEY: apiV3Key, WXPAY_V2_KEY: v2Key }
  return JSON.parse(execFileSync(process.execPath, [file], { cwd: scratch, env, encoding: 'utf8' }))
}

test('the server of notifications outlives callers that hang up, bodies without an end and a store that is down', () => {
  example('notificationServer')
  const resource = { original_type: 'transaction', ...sealed(JSON.stringify(aPaidTransaction)) }
  const body = JSON.stringify({
    id: 'EV-1',
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    resource,
  })
  const headers = v3Headers(body, { timestamp: String(Math.floor(Date.now() / 1000)) })
  const given = { body, headers, xml: v2Signed(aPaidMessage), pem: fixture('wxpay.pub.pem'), id: publicKeyId }
  const said = outputOf(`
    import http from 'node:http'
    import net from 'node:net'
    import { once } from 'node:events'
    import { createV3Verifier } from 'wxpay-core'
    import { notificationServer } from './notificationServer.mjs'

    const { body, headers, xml, pem, id } = ${JSON.stringify(given)}
    const recorded = []
    let isDown = true
    const record = async (...trade) => {
      if (isDown) throw new Error('the store is down')
      recorded.push(trade)
    }
    const server = notificationServer({ verifier: createV3Verifier({ publicKey: { id, pem } }) }, record)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address()
    const head = 'POST /notify HTTP/1.1\\r\\nHost: shop\\r\\n'
    const post = async (text, more = {}) => {
      const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent: false, headers: more })
      request.end(text)
      const [response] = await once(request, 'response')
      response.resume()
      return response.statusCode
    }

    const aborted = net.connect(port, '127.0.0.1')
    aborted.write(head + 'Content-Length: 100\\r\\n\\r\\n0123')
    const [half] = await once(server, 'request')
    const over = new Promise((resolve) => half.once('close', resolve))
    aborted.destroy()
    await over

    let sent = 0
    const endless = net.connect(port, '127.0.0.1')
    endless.on('error', () => {})
    endless.write(head + 'Content-Length: 100000000\\r\\n\\r\\n')
    const more = () => {
      if (endless.destroyed || sent > 50_000_000) return
      sent += 65_536
      endless.write(Buffer.alloc(65_536, 32), more)
    }
    more()
    await new Promise((resolve) => endless.once('close', resolve))

    const statuses = [await post(body, headers), await post(body), await post(xml)]
    isDown = false
    statuses.push(await post(body, headers), await post(xml))
    server.close()
    console.log(JSON.stringify({ statuses, recorded, isCutOff: sent < 20_000_000 }))
  `)
  const trade = ['order-20261123-1', 6_800]
  // v2 says what it has to say in its body.
  expect(said).toEqual({ statuses: [500, 401, 200, 204, 200], recorded: [trade, trade], isCutOff: true })
})

test('an order that WeChat Pay says it does not know, which nobody signs, is not called closed', () => {
  example('settle')
  const said = outputOf(`
    import { settle } from './settle.mjs'
    const shop = (closed, tradeState) => ({
      queryByOutTradeNo: async () => (tradeState === undefined ? null : { tradeState }),
      close: async () => closed,
    })
    const all = [shop('notFound'), shop('closed'), shop('alreadyPaid'), shop('closed', 'SUCCESS')]
    console.log(JSON.stringify(await Promise.all(all.map((wxpay) => settle(wxpay, 'order-20261123-1')))))
  `)
  expect(said).toEqual(['notFound', 'closed', null, 'paid'])
})
