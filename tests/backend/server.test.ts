/** The listening server itself: callers that send slowly, lie about lengths, or hold on while it stops. */
import { connect, type Socket } from 'node:net'
import { type Stack, startStack } from '../support/stack'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.close())

const open = (): { socket: Socket; all: Promise<string> } => {
  const socket = connect(stack.backend.port, '127.0.0.1')
  const all = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  return { socket, all }
}
const say = async (text: string): Promise<string> => {
  const { socket, all } = open()
  socket.write(text)
  return all
}
const HEAD = 'POST /v1/sessions HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n'

test('a body that is longer than it said, or two ways of saying how long, is refused', async () => {
  expect(await say(`${HEAD}Connection: close\r\nContent-Length: 3\r\n\r\n{"code":"x"}`)).toContain(' 400 ')
  expect(await say(`${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toContain(
    ' 400 ',
  )
})

test('a body of endless chunks is cut off at 100 KB', async () => {
  const { socket, all } = open()
  socket.write(`${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`)
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
  const timer = setInterval(() => socket.write(chunk.repeat(8)), 1)
  const answer = await all
  clearInterval(timer)
  expect(answer).toContain(' 413 ')
})

test('twenty megabytes are refused with an answer, not a broken pipe', async () => {
  const answer = await fetch(`${stack.backend.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: 'x'.repeat(20_000_000),
  })
  expect([answer.status, (await answer.json()).error.code]).toEqual([413, 'TOO_LARGE'])
})

test('a caller that hangs up in the middle harms nobody', async () => {
  const { socket } = open()
  await new Promise((resolve) => socket.write(`${HEAD}Content-Length: 100\r\n\r\n{"co`, resolve))
  socket.destroy()
  expect((await fetch(`${stack.backend.url}/healthz`)).status).toBe(200)
})

test('HEAD is GET without its body; what is not there is 404 whatever the method', async () => {
  const head = await fetch(`${stack.backend.url}/v1/products`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  for (const [method, path] of [
    ['GET', '/v1/products/'],
    ['GET', '/v1//products'],
    ['GET', '/v1/products/a%2fb'],
    ['GET', '/v1/products/%E0%A4%A'],
    ['OPTIONS', '/v1/orders'],
    ['PUT', '/v1/orders'],
    ['GET', '/wxpay/notify/payment'],
    ['POST', '/wxpay/notify/payment/'],
  ] as const) {
    const answer = await fetch(`${stack.backend.url}${path}`, { method })
    expect([method, path, answer.status, (await answer.json()).error.code]).toEqual([
      method,
      path,
      404,
      'NOT_FOUND',
    ])
  }
})
