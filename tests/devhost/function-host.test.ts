/** @module The local stand-in for the platform of cloud functions, over small functions that are written for the test. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type FunctionHost, type FunctionHostOptions, nextTime, startFunctionHost } from '@yuanlu/devhost'

let folder: string
let host: FunctionHost | undefined
let lines: string[]
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-host-'))
  lines = []
})
afterEach(async () => {
  await host?.close()
  host = undefined
  fs.rmSync(folder, { recursive: true })
})

/** A function that remembers nothing but what its process does. */
const write = (name: string, main: string, config: object = {}) => {
  fs.mkdirSync(path.join(folder, name), { recursive: true })
  fs.writeFileSync(
    path.join(folder, name, 'index.js'),
    `let clock = Date.now; let events = 0
     exports.useClock = (next) => { clock = next }
     exports.main = async (event, context) => { events++; ${main} }`,
  )
  fs.writeFileSync(
    path.join(folder, name, 'config.json'),
    JSON.stringify({ timeout: 10, triggers: [], ...config }),
  )
}
const start = async (options: Partial<FunctionHostOptions> = {}): Promise<FunctionHost> => {
  host = await startFunctionHost({
    folder,
    port: 0,
    env: {},
    timers: false,
    log: (line) => void lines.push(line),
    ...options,
  })
  return host
}
const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${host?.url}${path}`, init)
  return { status: response.status, headers: response.headers, body: await response.text() }
}

test('a request becomes an event of the service: path without the route, text as text, bytes as base64', async () => {
  write('api', 'return event')
  write('jobs', 'return event')
  await start()
  const { body } = await ask('/v1/orders?status=paid&tag=a&tag=b', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': '203.0.113.9' },
    body: '{"谢":1}',
  })
  expect(JSON.parse(body)).toMatchObject({
    path: '/v1/orders',
    httpMethod: 'POST',
    queryStringParameters: { status: 'paid', tag: ['a', 'b'] },
    headers: {
      host: new URL(host?.url ?? '').host,
      'content-type': 'application/json',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    },
    body: '{"谢":1}',
    isBase64Encoded: false,
  })
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  const picture = JSON.parse((await ask('/v1/uploads', { method: 'POST', body: bytes })).body)
  expect([picture.isBase64Encoded, picture.body]).toEqual([true, Buffer.from(bytes).toString('base64')])
  expect(JSON.parse((await ask('/internal/tick', { method: 'POST' })).body).path).toBe('/tick')
})

test('an integrated answer is sent as it says, bytes included; anything else as JSON', async () => {
  write(
    'api',
    `if (event.path === '/picture') return { statusCode: 201, headers: { 'content-type': 'image/png' },
       multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] }, body: Buffer.from([0, 255, 128]).toString('base64'), isBase64Encoded: true }
     return { plain: true }`,
  )
  await start()
  const response = await fetch(`${host?.url}/picture`)
  expect([response.status, response.headers.get('content-type')]).toEqual([201, 'image/png'])
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128])
  expect((await ask('/other')).body).toBe('{"plain":true}')
})

test('a function sees what is configured and nothing of this process; a change reaches new instances alone', async () => {
  process.env.OF_THIS_PROCESS = 'secret'
  write('api', 'return { ...process.env, events }')
  await start({ env: { WXPAY_API: 'v3' } })
  expect(JSON.parse((await ask('/')).body)).toEqual({ WXPAY_API: 'v3', events: 1 })
  expect(JSON.parse((await ask('/')).body).events).toBe(2)
  host?.configure({ WXPAY_API: 'v2' })
  expect(JSON.parse((await ask('/')).body)).toEqual({ WXPAY_API: 'v2', events: 1 })
  delete process.env.OF_THIS_PROCESS
})

test('a call’s context is in the environment, as WeChat puts it', async () => {
  write('api', 'return process.env.WX_OPENID')
  await start()
  expect(await host?.invoke('api', {}, { WX_OPENID: 'oXiaolin' })).toBe('oXiaolin')
})

test('a function that is too slow is killed at its time limit, and the next event finds another instance', async () => {
  write(
    'api',
    `if (event.path === '/slow') await new Promise(() => setInterval(() => {}, 1000)); return { pid: process.pid }`,
    {
      timeout: 1,
    },
  )
  await start()
  const before = JSON.parse((await ask('/')).body).pid
  const slow = await ask('/slow')
  expect([slow.status, JSON.parse(slow.body).code]).toEqual([504, 'FUNCTION_TIME_LIMIT_EXCEEDED'])
  expect(lines.join('\n')).toContain('api did not answer within 1 s')
  const after = JSON.parse((await ask('/')).body).pid
  expect(after).not.toBe(before)
})

test('a function that crashes is answered for, and started again', async () => {
  write(
    'api',
    `if (event.path === '/crash') process.exit(3); if (event.path === '/throw') throw new Error('no'); return { events }`,
  )
  await start()
  const crashed = await ask('/crash')
  expect([crashed.status, JSON.parse(crashed.body).code]).toEqual([502, 'FUNCTION_INVOCATION_FAILED'])
  expect((await ask('/')).body).toBe('{"events":1}')
  expect((await ask('/throw')).status).toBe(502)
  expect((await ask('/')).body).toBe('{"events":3}')
  expect(lines.join('\n')).toContain('api ended with code 3 before it answered')
})

test('an instance serves one event at a time; more events have more instances, up to a bound', async () => {
  write(
    'api',
    `const mine = events; await new Promise((go) => setTimeout(go, 100)); return { alone: mine === events, pid: process.pid }`,
  )
  await start({ maxInstances: 2 })
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask('/')))
  const seen = answers.map((answer) => JSON.parse(answer.body))
  expect(seen.map((one) => one.alone)).toEqual([true, true, true, true, true, true])
  expect(new Set(seen.map((one) => one.pid)).size).toBe(2)
  expect(host?.instances()).toEqual({ api: 2 })
})

test('between two events an instance is frozen: what it began stands still', async () => {
  write(
    'api',
    `if (event.path === '/begin') { globalThis.beats = 0; setInterval(() => globalThis.beats++, 5) }
     if (event.path === '/wait') await new Promise((go) => setTimeout(go, 200))
     return { beats: globalThis.beats }`,
  )
  await start({ freezes: true, maxInstances: 1 })
  const beats = async (path: string) => JSON.parse((await ask(path)).body).beats
  await beats('/begin')
  const before = await beats('/')
  await new Promise((resolve) => setTimeout(resolve, 300))
  // Thawed, a timer that is due fires once or twice, not for all the time that it slept.
  expect((await beats('/')) - before).toBeLessThan(10)
  expect(await beats('/wait')).toBeGreaterThan(before + 10)
  expect(host?.leftTimers()).toBeGreaterThan(0)
})

test('the shop’s clock is the host’s, and its timer fires by it: once for a jump over many of its times', async () => {
  write(
    'jobs',
    `if (event.Type !== 'Timer') return clock(); console.log(JSON.stringify({ fired: event.Time, at: clock() }))`,
    {
      triggers: [{ name: 'every-minute', type: 'timer', config: '0 */1 * * * * *' }],
    },
  )
  const began = Date.parse('2026-11-23T04:00:30Z')
  const realStart = Date.now()
  let ahead = 0
  const clock = () => began + (Date.now() - realStart) + ahead
  await start({ clock, timers: true })
  const fired = () => lines.filter((line) => line.includes('fired')).map((line) => JSON.parse(line))
  const until = async (count: number) => {
    while (fired().length < count) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  ahead = 31_000
  await until(1)
  ahead = 31_000 + 2 * 86_400_000
  await until(2)
  expect(fired()[0].fired).toBe('2026-11-23T04:01:00.000Z')
  expect(fired()[1].fired).toBe('2026-11-23T04:02:00.000Z')
  expect(Math.abs(fired()[1].at - clock())).toBeLessThan(60_000)
  const seen = Number((await ask('/internal/clock')).body)
  expect(Math.abs(seen - clock())).toBeLessThan(60_000)
})

test('a cron expression has seven fields, seconds first, in Shanghai’s time', () => {
  const after = Date.parse('2026-11-23T04:00:00Z')
  const next = (cron: string) => new Date(nextTime(cron, after)).toISOString()
  expect(next('0 */1 * * * * *')).toBe('2026-11-23T04:01:00.000Z')
  expect(next('0 30 10 * * * *')).toBe('2026-11-24T02:30:00.000Z')
  expect(next('15 0 0 1 1 * 2030')).toBe('2029-12-31T16:00:15.000Z')
  expect(nextTime('0 0 0 1 1 * 2020', after)).toBe(Number.POSITIVE_INFINITY)
})

test('a folder without functions says how they are made', async () => {
  await expect(start()).rejects.toThrow('"npm run build" makes them')
})
