import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { cleanUp, emptyDirectory, send } from './merchant.ts'

afterAll(cleanUp)

const BIN = join(__dirname, '../../packages/wechat-sandbox/bin/wechat-sandbox.mjs')

interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs the command; `whenReady` is called at its first line of output and may end it. */
function run(
  args: string[],
  whenReady?: (line: string, kill: (signal: NodeJS.Signals) => void) => Promise<void>,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let called = false
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      if (called || whenReady === undefined || !stdout.includes('\n')) return
      called = true
      whenReady(stdout.split('\n')[0] ?? '', (signal) => child.kill(signal)).catch((error) => {
        child.kill('SIGKILL')
        reject(error)
      })
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout, stderr, code }))
  })
}

test('the command prints where sandbox.json is, serves, and keeps everything across kill -9 and restart', async () => {
  const directory = emptyDirectory()
  const read = () => JSON.parse(readFileSync(join(directory, 'sandbox.json'), 'utf8'))
  const control = (path: string, body: object) =>
    send(`${read().controlUrl}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${read().controlToken}` },
      body: JSON.stringify(body),
    })
  let faultId = ''
  const killed = await run(['--port', '0', '--data', directory], async (line, kill) => {
    expect(line).toBe(`ready ${join(directory, 'sandbox.json')}`)
    expect(Object.keys(read())).toEqual([
      'baseUrl',
      'apiBaseUrl',
      'consoleUrl',
      'controlUrl',
      'controlToken',
      'caFile',
      'appid',
      'appSecret',
      'mchid',
      'v2Key',
      'v3Key',
      'certFile',
      'keyFile',
      'serialNo',
      'publicKeyId',
      'publicKeyFile',
      'platformSerialNo',
    ])
    for (const url of ['baseUrl', 'apiBaseUrl', 'consoleUrl', 'controlUrl']) {
      expect(new URL(read()[url]).hostname).toBe('127.0.0.1')
    }
    for (const file of ['caFile', 'certFile', 'keyFile', 'publicKeyFile'])
      expect(existsSync(read()[file])).toBe(true)
    const ca = readFileSync(read().caFile, 'utf8')
    expect((await send(`${read().baseUrl}/`, { ca })).status).toBe(404)
    faultId = JSON.parse((await control('/faults', { fault: 'delay', rate: 0.5 })).body).id
    await control('/clock', { advanceMs: 86_400_000 })
    kill('SIGKILL')
  })
  expect(killed.code).toBeNull()
  const first = read()
  const second = await run(['--port', '0', '--data', directory], async (_line, kill) => {
    const { controlUrl, controlToken, v3Key, serialNo } = read()
    expect([controlToken, v3Key, serialNo]).toEqual([first.controlToken, first.v3Key, first.serialNo])
    const headers = { Authorization: `Bearer ${controlToken}` }
    expect(JSON.parse((await send(`${controlUrl}/faults`, { headers })).body).faults[0].id).toBe(faultId)
    // The clock was moved to an instant: what the move itself took is not ahead any more.
    expect(JSON.parse((await send(`${controlUrl}/clock`, { headers })).body).offsetMs).toBeGreaterThan(
      86_340_000,
    )
    kill('SIGTERM')
  })
  expect([second.code, second.stderr]).toEqual([0, ''])
  expect(existsSync(join(directory, 'lock'))).toBe(false)
})

test.each([
  [['--port', 'many'], '--port must be a port'],
  [['--port', '70000'], '--port must be a port'],
  [['--api-port', '-1'], '--api-port'],
  [['--fee-basis-points', '1.5'], '--fee-basis-points'],
  [['--ingest-seconds', 'soon'], '--ingest-seconds'],
  [['--close-after-seconds', '-1'], '--close-after-seconds'],
  [['--data', ''], '--data must name a directory'],
  [['--colour', 'red'], '--colour'],
  [['extra'], 'extra'],
])('usage: %j is one line and exit code 2', async (args, named) => {
  const { code, stdout, stderr } = await run(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(named)
  expect(stderr.trim().split('\n')).toHaveLength(2)
})

test('--help says what there is', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  const options = [
    '--port',
    '--api-port',
    '--data',
    '--host',
    '--merchant-refund-url',
    '--ingest-seconds',
    '--log',
  ]
  for (const option of options) expect(stdout).toContain(option)
})

test('a taken port, an address nobody may call and a directory that is a file are said in one line, exit code 1', async () => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const directory = emptyDirectory()
  const busy = await run(['--port', '0', '--api-port', String(port), '--data', directory])
  taken.close()
  expect(busy.code).toBe(1)
  expect(busy.stderr).toBe(
    `wechat-sandbox: --api-port: port ${port} on 127.0.0.1 is taken. Choose another, or 0 for a free one.\n`,
  )
  const url = ['--merchant-refund-url', 'http://shop.example.com/refund']
  const unsafe = await run(['--port', '0', '--data', directory, ...url])
  expect([unsafe.code, unsafe.stderr]).toEqual([
    1,
    expect.stringMatching(/^wechat-sandbox: --merchant-refund-url must be https .*\n$/),
  ])
  const file = join(directory, 'file')
  writeFileSync(file, '')
  const blocked = await run(['--port', '0', '--data', file])
  expect(blocked.code).toBe(1)
  expect(blocked.stderr).toMatch(/^wechat-sandbox: --data .* can't be written: .*\n$/)
}, 30_000)

test('a scenario file is planned at the start; one that makes no sense keeps the sandbox from starting', async () => {
  const directory = emptyDirectory()
  const file = join(directory, 'scenario.json')
  const data = join(directory, 'data')
  writeFileSync(file, JSON.stringify({ faults: [{ fault: '500', rate: 0.5, seed: 'monday' }] }))
  const started = await run(['--port', '0', '--data', data, '--scenario', file], async (_line, kill) => {
    const { controlUrl, controlToken } = JSON.parse(readFileSync(join(data, 'sandbox.json'), 'utf8'))
    const headers = { Authorization: `Bearer ${controlToken}` }
    const { faults } = JSON.parse((await send(`${controlUrl}/faults`, { headers })).body)
    expect(faults).toMatchObject([{ fault: '500', rate: 0.5, seed: 'monday', times: null }])
    kill('SIGTERM')
  })
  expect([started.code, started.stderr]).toEqual([0, ''])
  for (const [content, said] of [
    ['{"faults":[{"fault":"nothing"}]}', 'faults[0]: fault must be one of'],
    ['[]', 'must hold a JSON object'],
    ['{', "can't be read as JSON"],
  ] as const) {
    writeFileSync(file, content)
    const refused = await run(['--port', '0', '--data', data, '--scenario', file])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(said)])
  }
})

test('killed while it writes, again and again, it has forgotten nothing that it had answered, and the books sum to zero', async () => {
  const directory = emptyDirectory()
  const answered: string[] = []
  let number = 0
  for (let life = 0; life < 3; life++) {
    await run(['--port', '0', '--data', directory], async (_line, kill) => {
      const { controlUrl, controlToken } = JSON.parse(readFileSync(join(directory, 'sandbox.json'), 'utf8'))
      const headers = { Authorization: `Bearer ${controlToken}` }
      const post = (path: string, body: object = {}) =>
        send(`${controlUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      const get = async (path: string) => JSON.parse((await send(`${controlUrl}${path}`, { headers })).body)
      for (const outTradeNo of answered) expect((await get(`/trades/${outTradeNo}`)).state).toBe('SUCCESS')
      let after = 0
      let sumFen = 0
      for (;;) {
        const { entries, nextAfter } = await get(`/ledger?after=${after}`)
        if (entries.length === 0) break
        for (const { fen } of entries) sumFen += fen
        after = nextAfter
      }
      expect(sumFen).toBe(0)
      const buy = async () => {
        const outTradeNo = `KILLED-${String(++number).padStart(5, '0')}`
        const order = { outTradeNo, amountFen: 1, notifyUrl: 'http://127.0.0.1:9/n' }
        if ((await post('/orders', order)).status !== 200) return
        if ((await post(`/orders/${outTradeNo}/pay`)).status === 200) answered.push(outTradeNo)
      }
      const until = answered.length + 40
      const buyer = async () => {
        while (answered.length < until) await buy()
      }
      const buyers = Array.from({ length: 8 }, () => buyer().catch(() => undefined))
      while (answered.length < until) await new Promise(setImmediate)
      kill('SIGKILL')
      await Promise.all(buyers)
    })
  }
  expect(answered.length).toBeGreaterThanOrEqual(120)
}, 120_000)

test('of two that start at once on one directory one serves, and the other says who has it', async () => {
  const directory = emptyDirectory()
  await run(['--port', '0', '--data', directory], async (_line, kill) => kill('SIGTERM'))
  const codes: (number | null)[] = []
  const said: string[] = []
  const start = async () => {
    const { code, stderr } = await run(['--port', '0', '--data', directory], async (_line, kill) => {
      // It stays until the other one is gone.
      while (codes.length === 0) await new Promise(setImmediate)
      kill('SIGTERM')
    })
    codes.push(code)
    said.push(stderr)
  }
  await Promise.all([start(), start()])
  expect(codes).toEqual([1, 0])
  expect(said[0]).toMatch(/^wechat-sandbox: --data .* is in use by (process \d+|another start)\./)
})
