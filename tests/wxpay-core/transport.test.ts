import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { type ConnectionConfig, WxpayError, type WxpayErrorCode } from 'wxpay-core'
import { createTransport, type Transport, type WireRequest } from 'wxpay-core/src/transport.ts'
import { closedOrigin, closeServers, portOf, startFakeWechat } from './fake-wechat.ts'
import { fixture } from './fixtures.ts'

const transports: Transport[] = []
const servers: net.Server[] = []

function transportTo(baseUrl: string, config: ConnectionConfig = {}): Transport {
  const transport = createTransport({ baseUrl, ca: fixture('authority.cert.pem'), ...config })
  transports.push(transport)
  return transport
}

/** A server below HTTP, for what a well-behaved one cannot do. */
async function rawServer(server: net.Server): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `https://127.0.0.1:${portOf(server.address())}`
}

function rawTls(onSocket: (socket: tls.TLSSocket) => void, certificate = 'server'): Promise<string> {
  const options = { cert: fixture(`${certificate}.cert.pem`), key: fixture(`${certificate}.key.pem`) }
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.on('tlsClientError', () => {})
  return rawServer(server)
}

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.destroy()
  for (const server of servers.splice(0)) server.close()
  await closeServers()
})

const order: WireRequest = { method: 'POST', path: '/pay/unifiedorder', headers: {}, body: '<xml>一</xml>' }
/** Money moves: it is written once. */
const refund: WireRequest = { ...order, path: '/secapi/pay/refund', once: true }

async function failureOf(promise: Promise<unknown>): Promise<WxpayError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof WxpayError) return error
    throw error
  }
  throw new Error('expected a WxpayError')
}

async function codeOf(promise: Promise<unknown>): Promise<[WxpayErrorCode, string]> {
  const { code, outcome } = await failureOf(promise)
  return [code, outcome]
}

describe('a call', () => {
  test('sends exactly the bytes and returns exactly the bytes', async () => {
    const server = await startFakeWechat()
    server.answer((_, response) => response.writeHead(200, { 'X-One': '1' }).end('答'))
    const answer = await transportTo(server.url).send({ ...order, headers: { 'X-Two': '2' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['x-one']).toBe('1')
    expect(answer.body.equals(Buffer.from('答'))).toBe(true)
    expect(server.received).toMatchObject([
      { method: 'POST', path: '/pay/unifiedorder', body: '<xml>一</xml>' },
    ])
    expect(server.received[0]?.headers).toMatchObject({ 'x-two': '2', 'content-length': '14' })
    expect(server.received[0]?.headers['accept-encoding']).toBeUndefined()
  })

  test('makes one handshake per host, however many follow', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    for (let call = 0; call < 5; call += 1) await transport.send(order)
    expect(server.received).toHaveLength(5)
    expect(server.handshakes()).toBe(1)
  })

  test.each([false, true])(
    'of the many that come together waits for a connection and is sent on it at once (plain http: %p)',
    async (plain) => {
      const server = await startFakeWechat({ plain })
      const held: (() => void)[] = []
      // Nobody is answered before every connection is at work, so sixteen requests are waiting for one.
      server.answer((_, response) => {
        held.push(() => response.end('ok'))
        if (server.received.length >= 64) for (const answer of held.splice(0)) answer()
      })
      const transport = transportTo(server.url)
      const ends = await Promise.allSettled(Array.from({ length: 80 }, () => transport.send(order)))
      expect(ends.map(({ status }) => status)).toEqual(Array(80).fill('fulfilled'))
      expect(server.received).toHaveLength(80)
      expect(server.handshakes()).toBe(64)
    },
  )

  test('that waited for a connection which the server then closes is repeated on a fresh one', async () => {
    const server = await startFakeWechat()
    const held: (() => void)[] = []
    server.answer((_, response) => {
      held.push(() => response.end('ok'))
      if (server.received.length === 64) for (const answer of held.splice(0)) answer()
      else if (server.received.length === 65) response.socket?.destroy()
      else if (server.received.length === 66) response.end('again')
    })
    const transport = transportTo(server.url)
    const answers = await Promise.all(Array.from({ length: 65 }, () => transport.send(order)))
    expect(answers.map(({ body }) => body.toString())).toEqual([...Array(64).fill('ok'), 'again'])
    expect(server.received).toHaveLength(66)
  })

  test('works over plain http on loopback only', async () => {
    const server = await startFakeWechat({ plain: true })
    server.answer((_, response) => response.end('ok'))
    expect((await transportTo(server.url).send(order)).body.toString()).toBe('ok')
    expect(() => createTransport({ baseUrl: 'http://api.mch.weixin.qq.com' })).toThrow(
      'baseUrl must be an https origin',
    )
  })

  test('is refused after destroy, without a byte', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    transport.destroy()
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_DESTROYED', 'not-sent'])
    expect(server.received).toEqual([])
  })

  test('under way when the client is destroyed ends as unknown', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    server.answer(() => transport.destroy())
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
  })
})

describe('what went wrong is said, with the host and the cause', () => {
  const causeOf = (error: WxpayError) => (error.cause as NodeJS.ErrnoException | undefined)?.code

  test('when nobody listens', async () => {
    const origin = await closedOrigin()
    const error = await failureOf(transportTo(origin).send(order))
    expect(error.message).toBe(`cannot connect to ${new URL(origin).host}: ECONNREFUSED`)
    expect(causeOf(error)).toBe('ECONNREFUSED')
  })

  test('when a connection takes too long, and when the call as a whole is shorter', async () => {
    const url = await rawServer(net.createServer((socket) => socket.on('error', () => {})))
    for (const limits of [{ connectTimeoutMs: 20 }, { timeoutMs: 20 }]) {
      const error = await failureOf(transportTo(url, limits).send(order))
      expect(error.message).toBe(`no connection to ${new URL(url).host} in time`)
    }
  })

  test('when the answer takes too long', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
    try {
      const server = await startFakeWechat({ plain: true })
      const arrived = new Promise<void>((resolve) => server.answer(() => resolve()))
      const ended = failureOf(transportTo(server.url).send(order))
      await arrived
      await jest.advanceTimersByTimeAsync(10_000)
      expect((await ended).message).toBe(`no complete answer from ${new URL(server.url).host} in time`)
    } finally {
      jest.useRealTimers()
    }
  })

  test('when the connection breaks, on a first use and on a later one', async () => {
    const server = await startFakeWechat({ plain: true })
    const { host } = new URL(server.url)
    const transport = transportTo(server.url)
    server.answer(() => server.cutAll())
    const first = await failureOf(transport.send(order))
    expect(first.message).toBe(`the connection to ${host} broke: ECONNRESET`)
    expect(causeOf(first)).toBe('ECONNRESET')
    server.answer((_, response) => response.end('ok'))
    await transport.send(order)
    server.answer(() => {
      void server.close()
    })
    const later = await failureOf(transport.send(order))
    expect(later.message).toBe(`the connection to ${host} broke: ECONNRESET`)
    expect(causeOf(later)).toBe('ECONNRESET')
  })

  test('when an answer is too large; one that is just as large as it may be is read', async () => {
    const server = await startFakeWechat({ plain: true })
    const { host } = new URL(server.url)
    const largest = Buffer.alloc(256 * 1024, 'x')
    server.answer((_, response) => response.end(largest))
    expect((await transportTo(server.url).send(order)).body.equals(largest)).toBe(true)
    server.answer((_, response) => response.end(Buffer.concat([largest, Buffer.from('x')])))
    const error = await failureOf(transportTo(server.url).send(order))
    expect(error.message).toBe(`${host} answered more than 262144 bytes`)
  })

  test('when no time is left, and when the client was destroyed', async () => {
    const late = transportTo(await closedOrigin(), { timeLeftMs: () => 0 })
    expect((await failureOf(late.send(order))).message).toBe('no time is left for this call')
    const transport = transportTo(await closedOrigin())
    transport.destroy()
    const error = await failureOf(transport.send(order))
    expect([error.code, error.message]).toEqual(['ERR_WXPAY_DESTROYED', 'this client was destroyed'])
    const enough = transportTo(await closedOrigin(), { timeLeftMs: () => 1 })
    expect((await failureOf(enough.send(order))).message).not.toContain('no time is left')
  })
})

describe('the hosts', () => {
  test('that nobody names are the two of WeChat Pay; one that is named is alone', async () => {
    const asked: string[] = []
    const lookup = jest.spyOn(process.getBuiltinModule('node:dns'), 'lookup')
    lookup.mockImplementation(((
      name: string,
      _: object,
      done: (error: Error, a: string, f: number) => void,
    ) => {
      asked.push(name)
      done(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4)
    }) as never)
    try {
      for (const baseUrl of [undefined, 'https://pay.example.com']) {
        const transport = createTransport(baseUrl === undefined ? {} : { baseUrl })
        transports.push(transport)
        expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
      }
      expect(asked).toEqual(['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com', 'pay.example.com'])
    } finally {
      lookup.mockRestore()
    }
  })

  test('may be addresses of IPv6: nobody is asked for their name', async () => {
    const { port } = new URL(await closedOrigin())
    const lookup = jest.spyOn(process.getBuiltinModule('node:dns'), 'lookup')
    try {
      const error = await failureOf(transportTo(`http://[::1]:${port}`).send(order))
      expect(error.message).toMatch(/^cannot connect to \[::1\]:/)
      expect(lookup.mock.calls).toEqual([])
    } finally {
      lookup.mockRestore()
    }
  })
})

describe('a client that is destroyed', () => {
  test('while a kept connection is at work does not repeat the request', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    await transport.send(order)
    server.answer(() => transport.destroy())
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(server.received).toHaveLength(2)
  })

  test('while it connects does not turn to the backup', async () => {
    const backup = await startFakeWechat()
    let transport: Transport | undefined
    const url = await rawServer(
      net.createServer((socket) => {
        socket.on('error', () => {})
        transport?.destroy()
      }),
    )
    transport = transportTo(url, { backupUrl: backup.url })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_DESTROYED', 'not-sent'])
    expect(backup.received).toEqual([])
  })

  test.each([false, true])(
    'sends nothing of what still waits for a connection, and makes none for it (plain http: %p)',
    async (plain) => {
      const server = await startFakeWechat({ plain })
      const full = new Promise<void>((resolve) => {
        server.answer(() => {
          if (server.received.length === 64) resolve()
        })
      })
      const transport = transportTo(server.url)
      const ends = Array.from({ length: 80 }, () => codeOf(transport.send(order)))
      await full
      transport.destroy()
      const outcomes = await Promise.all(ends)
      expect(outcomes.filter(([code]) => code === 'ERR_WXPAY_CONNECTION_LOST')).toHaveLength(64)
      expect(outcomes.slice(64)).toEqual(Array(16).fill(['ERR_WXPAY_DESTROYED', 'not-sent']))
      // Whatever was on its way to the server has come there before the next one's handshake has ended.
      server.answer((_, response) => response.end('ok'))
      await transportTo(server.url).send(order)
      expect([server.received.length, server.handshakes()]).toEqual([65, 65])
    },
  )

  test('before a kept connection is written to writes nothing', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    await transport.send(order)
    const ended = codeOf(transport.send(order))
    transport.destroy()
    expect(await ended).toEqual(['ERR_WXPAY_DESTROYED', 'not-sent'])
    expect(server.received).toHaveLength(1)
  })

  test('while a dead connection is replaced does not say that nothing was sent', async () => {
    let transport: Transport | undefined
    let requests = 0
    const server = tls.createServer(
      { cert: fixture('server.cert.pem'), key: fixture('server.key.pem') },
      (socket) => {
        socket.on('error', () => {})
        socket.on('data', () => {
          requests += 1
          if (requests === 1) return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          server.once('connection', () => transport?.destroy())
          return socket.destroy()
        })
      },
    )
    server.on('tlsClientError', () => {})
    transport = transportTo(await rawServer(server))
    await transport.send(order)
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(requests).toBe(2)
  })
})

describe('a request that moves money is written once', () => {
  test('also when a kept connection broke before a byte of the answer: the server may have read it', async () => {
    let requests = 0
    const url = await rawTls((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 2) socket.destroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const transport = transportTo(url)
    await transport.send(refund)
    expect(await codeOf(transport.send(refund))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(requests).toBe(2)
  })

  test.each([502, 503])(
    'also when the first host answers %d, after which the backup may refuse',
    async (status) => {
      const primary = await startFakeWechat()
      const backup = await startFakeWechat()
      primary.answer((_, response) => response.writeHead(status).end())
      backup.answer((_, response) => response.writeHead(403).end())
      const transport = transportTo(primary.url, { backupUrl: backup.url })
      expect((await transport.send(refund)).status).toBe(status)
      expect(backup.received).toEqual([])
    },
  )

  test('so the backup has it where the first host cannot be reached', async () => {
    const backup = await startFakeWechat()
    const transport = transportTo(await closedOrigin(), { backupUrl: backup.url })
    expect((await transport.send(refund)).status).toBe(200)
    expect(backup.received).toHaveLength(1)
  })
})

describe('the client certificate', () => {
  test('is shown to a server that asks for it, on one connection for all calls', async () => {
    const shown: string[] = []
    const server = tls.createServer(
      {
        cert: fixture('server.cert.pem'),
        key: fixture('server.key.pem'),
        ca: fixture('merchant.cert.pem'),
        requestCert: true,
      },
      (socket) => {
        shown.push(socket.getPeerCertificate().serialNumber)
        socket.on('error', () => {})
        socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
      },
    )
    const baseUrl = await rawServer(server)
    const identity = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }
    const transport = createTransport({ baseUrl, ca: fixture('authority.cert.pem') }, identity)
    transports.push(transport)
    await transport.send(order)
    expect((await transport.send(order)).body.toString()).toBe('ok')
    expect(shown).toEqual(['3775B6A45ACD588826D15E583A95F5DD000001'])
  })
})

describe('nothing is sent', () => {
  test('when nobody listens', async () => {
    expect(await codeOf(transportTo(await closedOrigin()).send(order))).toEqual([
      'ERR_WXPAY_CONNECT',
      'not-sent',
    ])
  })

  test('when the connection is accepted and the handshake never comes', async () => {
    const url = await rawServer(net.createServer((socket) => socket.on('error', () => {})))
    const transport = transportTo(url, { connectTimeoutMs: 40, timeoutMs: 5_000 })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
  })

  test.each([
    ['stranger', 'an unknown authority'],
    ['wrong-name', 'another host name'],
  ] as const)('to a server with a certificate of %s (%s)', async (certificate, _) => {
    let bytes = 0
    const url = await rawTls((socket) => socket.on('data', (chunk) => (bytes += chunk.length)), certificate)
    expect(await codeOf(transportTo(url).send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
    expect(bytes).toBe(0)
  })

  test('to a test server whose authority was not named', async () => {
    const server = await startFakeWechat()
    const transport = createTransport({ baseUrl: server.url })
    transports.push(transport)
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
    expect(server.received).toEqual([])
  })

  test('under NODE_TLS_REJECT_UNAUTHORIZED=0: the client is not even made', () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      expect(() => createTransport({})).toThrow('NODE_TLS_REJECT_UNAUTHORIZED must be unset')
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    }
  })
})

describe('under a time limit', () => {
  test.each([0, 0.5, -1, Number.NaN])('nothing is sent when %d ms are left', async (leftMs) => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url, { backupUrl: server.url, timeLeftMs: () => leftMs })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
    expect(server.received).toEqual([])
  })

  test.each([
    ['an ordinary call', order],
    ['a bill', { ...order, download: { maxBytes: 1_000, timeoutMs: 300_000 } }],
  ])('no call outlasts what is left when it begins: %s', async (_, request) => {
    const server = await startFakeWechat({ plain: true })
    server.answer(() => {})
    const transport = transportTo(server.url, { timeoutMs: 300_000, timeLeftMs: () => 50 })
    expect(await codeOf(transport.send(request))).toEqual(['ERR_WXPAY_TIMEOUT', 'unknown'])
  })

  test('each call is asked for anew', async () => {
    const server = await startFakeWechat()
    let leftMs = 5_000
    const transport = transportTo(server.url, { timeLeftMs: () => leftMs })
    expect((await transport.send(order)).status).toBe(200)
    leftMs = 0
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
  })
})

describe('the outcome is unknown', () => {
  test('when no answer comes in time', async () => {
    const server = await startFakeWechat({ plain: true })
    server.answer(() => {})
    const transport = transportTo(server.url, { timeoutMs: 400 })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_TIMEOUT', 'unknown'])
    expect(server.received).toHaveLength(1)
  })

  test('when the answer trickles in a byte at a time', async () => {
    const server = await startFakeWechat({ plain: true })
    server.answer((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000' })
      const drip = setInterval(() => response.write('x'), 5)
      response.on('close', () => clearInterval(drip))
    })
    const transport = transportTo(server.url, { timeoutMs: 400 })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_TIMEOUT', 'unknown'])
  })

  test('when the connection is cut before the answer', async () => {
    const server = await startFakeWechat()
    server.answer(() => server.cutAll())
    expect(await codeOf(transportTo(server.url).send(order))).toEqual([
      'ERR_WXPAY_CONNECTION_LOST',
      'unknown',
    ])
    expect(server.received).toHaveLength(1)
  })

  test('when the connection is cut in the middle of the answer', async () => {
    const server = await startFakeWechat()
    server.answer((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half', () => server.cutAll())
    })
    expect(await codeOf(transportTo(server.url).send(order))).toEqual([
      'ERR_WXPAY_CONNECTION_LOST',
      'unknown',
    ])
  })

  test('when the answer is not HTTP', async () => {
    const url = await rawTls((socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'))
    expect(await codeOf(transportTo(url).send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
  })

  test('when the answer is larger than any answer, and it is not read to the end', async () => {
    const server = await startFakeWechat()
    let written = 0
    server.answer((_, response) => {
      const more = (): void => {
        while (!response.destroyed && written < 64_000_000 && response.write(Buffer.alloc(65_536)))
          written += 65_536
        if (written < 64_000_000) response.once('drain', more)
      }
      more()
    })
    expect(await codeOf(transportTo(server.url).send(order))).toEqual([
      'ERR_WXPAY_ANSWER_TOO_LARGE',
      'unknown',
    ])
    expect(written).toBeLessThan(32_000_000)
  })
})

describe('a kept connection', () => {
  test('that the server closed is replaced, and the request repeated once', async () => {
    let connections = 0
    let requests = 0
    const url = await rawTls((socket) => {
      connections += 1
      const first = connections === 1
      socket.on('data', () => {
        requests += 1
        // The first connection answers once and dies on the second request without a byte.
        if (first && requests === 2) socket.destroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const transport = transportTo(url)
    await transport.send(order)
    expect((await transport.send(order)).body.toString()).toBe('ok')
    expect([connections, requests]).toEqual([2, 3])
  })

  test('that is dead takes its neighbours along: the repetition does not meet the next dead one', async () => {
    let connections = 0
    let answered = 0
    const url = await rawTls((socket) => {
      connections += 1
      const isOld = connections <= 2
      socket.on('data', () => {
        if (isOld && answered >= 2) socket.destroy()
        else {
          answered += 1
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        }
      })
    })
    const transport = transportTo(url)
    await Promise.all([transport.send(order), transport.send(order)])
    expect(connections).toBe(2)
    expect((await transport.send(order)).body.toString()).toBe('ok')
    expect(connections).toBe(3)
  })

  test('that died after the first byte of an answer is not repeated', async () => {
    let requests = 0
    const url = await rawTls((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 2) socket.write('H', () => socket.destroy())
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const transport = transportTo(url)
    await transport.send(order)
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(requests).toBe(2)
  })

  test('whose replacement dies too ends as unknown after two attempts', async () => {
    let requests = 0
    const url = await rawTls((socket) => {
      socket.on('data', () => {
        requests += 1
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        else socket.destroy()
      })
    })
    const transport = transportTo(url)
    await transport.send(order)
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(requests).toBe(3)
  })

  test('whose replacement cannot be made ends as unknown: bytes had left', async () => {
    let requests = 0
    const server = tls.createServer(
      { cert: fixture('server.cert.pem'), key: fixture('server.key.pem') },
      (socket) => {
        socket.on('error', () => {})
        socket.on('data', () => {
          requests += 1
          if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          else {
            server.close()
            socket.destroy()
          }
        })
      },
    )
    const backup = await startFakeWechat()
    const transport = transportTo(await rawServer(server), { backupUrl: backup.url })
    await transport.send(order)
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
    expect(backup.received).toEqual([])
  })

  test('that is closed while idle costs the next call nothing but a handshake', async () => {
    const server = await startFakeWechat()
    const transport = transportTo(server.url)
    await transport.send(order)
    server.cutAll()
    await transport.send(order)
    expect(server.received).toHaveLength(2)
    expect(server.handshakes()).toBe(2)
  })
})

describe('the backup host', () => {
  test('gets the same bytes when the first cannot be reached', async () => {
    const backup = await startFakeWechat()
    backup.answer((_, response) => response.end('from api2'))
    const transport = transportTo(await closedOrigin(), { backupUrl: backup.url })
    const headers = { Authorization: 'WECHATPAY2-SHA256-RSA2048 nonce_str="n"' }
    expect((await transport.send({ ...order, headers })).body.toString()).toBe('from api2')
    expect(backup.received).toMatchObject([
      { path: order.path, body: order.body, headers: { authorization: headers.Authorization } },
    ])
  })

  test.each([502, 503])('gets the same bytes when the first answers %d', async (status) => {
    const primary = await startFakeWechat()
    const backup = await startFakeWechat()
    primary.answer((_, response) => response.writeHead(status).end())
    backup.answer((_, response) => response.end('from api2'))
    const transport = transportTo(primary.url, { backupUrl: backup.url })
    expect((await transport.send(order)).body.toString()).toBe('from api2')
    expect(backup.received[0]?.body).toBe(primary.received[0]?.body)
  })

  test('failing too after a 502 leaves the 502', async () => {
    const primary = await startFakeWechat()
    primary.answer((_, response) => response.writeHead(502).end())
    const transport = transportTo(primary.url, { backupUrl: await closedOrigin() })
    expect((await transport.send(order)).status).toBe(502)
  })

  test('unreachable as well: still nothing was sent', async () => {
    const transport = transportTo(await closedOrigin(), { backupUrl: await closedOrigin() })
    expect(await codeOf(transport.send(order))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
  })

  test.each([
    ['does not answer in time', { timeoutMs: 400 }, 'ERR_WXPAY_TIMEOUT'],
    ['cuts the connection', {}, 'ERR_WXPAY_CONNECTION_LOST'],
  ] as const)('is left alone when the first has the bytes and %s', async (_, config, code) => {
    const primary = await startFakeWechat({ plain: true })
    const backup = await startFakeWechat()
    primary.answer(() => {
      if (code === 'ERR_WXPAY_CONNECTION_LOST') primary.cutAll()
    })
    const transport = transportTo(primary.url, { ...config, backupUrl: backup.url })
    expect(await codeOf(transport.send(order))).toEqual([code, 'unknown'])
    expect(backup.received).toEqual([])
  })

  describe('with too little time left', () => {
    /** Time passes only where a test says so; sockets work on. */
    beforeEach(() =>
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] }),
    )
    afterEach(() => jest.useRealTimers())

    /** A first host that takes connections and never ends the handshake, and a backup with a kept connection. */
    async function anUnreachableFirst() {
      const unreachable = net.createServer((socket) => socket.on('error', () => {}))
      const url = await rawServer(unreachable)
      const backup = await startFakeWechat()
      const limit = { leftMs: 10_000 }
      const transport = transportTo(url, { backupUrl: backup.url, timeLeftMs: () => limit.leftMs })
      const sendAndWait = async (ms: number) => {
        const connected = once(unreachable, 'connection')
        const ended = transport.send(order).then(
          ({ status }) => status,
          ({ code, outcome }: WxpayError) => [code, outcome],
        )
        await connected
        await jest.advanceTimersByTimeAsync(ms)
        return ended
      }
      expect(await sendAndWait(3_000)).toBe(200)
      expect(backup.received).toHaveLength(1)
      return { backup, limit, sendAndWait }
    }

    test.each([
      ['as long as the wait for a connection', 3_000],
      ['shorter than it', 1_200],
      ['less than half a second longer', 3_499],
    ])('gets nothing: not even a kept connection writes what nobody can wait for (%s)', async (_, leftMs) => {
      const { backup, limit, sendAndWait } = await anUnreachableFirst()
      limit.leftMs = leftMs
      expect(await sendAndWait(Math.min(leftMs, 3_000))).toEqual(['ERR_WXPAY_CONNECT', 'not-sent'])
      expect(backup.received).toHaveLength(1)
      expect(jest.getTimerCount()).toBe(0)
    })

    test('is asked when half a second is left', async () => {
      const { backup, limit, sendAndWait } = await anUnreachableFirst()
      limit.leftMs = 3_500
      expect(await sendAndWait(3_000)).toBe(200)
      expect(backup.received).toHaveLength(2)
    })

    test('of a call that is short as a whole is asked while half of it is left', async () => {
      const backup = await startFakeWechat()
      const transport = transportTo(await closedOrigin(), { backupUrl: backup.url, timeoutMs: 400 })
      expect((await transport.send(order)).status).toBe(200)
    })

    test('a connection that turns out to be dead is not replaced', async () => {
      const server = await startFakeWechat()
      const transport = transportTo(server.url)
      await transport.send(order)
      const arrived = new Promise<void>((resolve) => server.answer(() => resolve()))
      const ended = codeOf(transport.send(order))
      await arrived
      await jest.advanceTimersByTimeAsync(9_501)
      server.cutAll()
      expect(await ended).toEqual(['ERR_WXPAY_CONNECTION_LOST', 'unknown'])
      expect(server.received).toHaveLength(2)
    })

    test.each([502, 503])('leaves the %d of the first', async (status) => {
      const primary = await startFakeWechat()
      const backup = await startFakeWechat()
      const transport = transportTo(primary.url, { backupUrl: backup.url })
      const late = new Promise<() => void>((resolve) => {
        primary.answer((_, response) => resolve(() => response.writeHead(status).end()))
      })
      const ended = transport.send(order)
      const answer = await late
      await jest.advanceTimersByTimeAsync(9_501)
      answer()
      expect((await ended).status).toBe(status)
      expect(backup.received).toEqual([])
    })
  })

  test.each([500, 404, 429])('is left alone when the first answers %d', async (status) => {
    const primary = await startFakeWechat()
    const backup = await startFakeWechat()
    primary.answer((_, response) => response.writeHead(status).end())
    expect((await transportTo(primary.url, { backupUrl: backup.url }).send(order)).status).toBe(status)
    expect(backup.received).toEqual([])
  })
})

test('a redirect is an answer like any other: nobody follows it', async () => {
  const server = await startFakeWechat()
  const elsewhere = await startFakeWechat()
  server.answer((_, response) => response.writeHead(302, { Location: `${elsewhere.url}/steal` }).end())
  expect((await transportTo(server.url).send(order)).status).toBe(302)
  expect(elsewhere.received).toEqual([])
})

test.each([
  ['baseUrl', { baseUrl: 'https://api.mch.weixin.qq.com/v3' }],
  ['baseUrl', { baseUrl: 'ftp://api.mch.weixin.qq.com' }],
  ['baseUrl', { baseUrl: 'http://127.0.0.1.example.com' }],
  ['baseUrl', { baseUrl: 'https://user:secret@api.mch.weixin.qq.com' }],
  ['backupUrl', { backupUrl: 'http://api2.mch.weixin.qq.com' }],
  ['ca', { ca: 'not PEM' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['connectTimeoutMs', { connectTimeoutMs: 1.5 }],
] as const)('a wrong %s is refused at construction', (member, config) => {
  let error: unknown
  try {
    createTransport(config)
  } catch (caught) {
    error = caught
  }
  expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', outcome: 'not-sent', member })
  if (member === 'ca') expect(String(error)).toContain('ca must be certificates in PEM')
})
