/** @module What `wxpay verify`, `decrypt` and `sign` print, word for word: it is copied into support cases. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from 'wxpay-core'
import { main } from 'wxpay-core/src/cli.ts'
import { apiV3Key, fixture, merchantSerialNo, noon, platformSerialA, publicKeyId, v2Key } from './fixtures.ts'
import { configured, fixtureFile, run } from './run-command.ts'
import { authorizationIn, isSignedByMerchant } from './v3-merchant.ts'
import {
  aPaidMessage,
  type Members,
  reqInfoOf,
  sealed,
  v2RefundNotice,
  v2Signature,
  v2Signed,
  v2Xml,
  v3Headers,
} from './wechat-side.ts'

const folder = mkdtempSync(join(tmpdir(), 'wxpay-core-support-'))
afterEach(() => jest.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function fileOf(content: string | Buffer): string {
  files += 1
  const file = join(folder, String(files))
  writeFileSync(file, content)
  return file
}

describe('verify', () => {
  const body = '{"id":"EV-1"}'
  const verify = (headers: string, content = body, env: object = {}) =>
    run(['verify', fileOf(content), '--headers', fileOf(headers)], { ...configured, ...env })

  test('says which key was named, which are known, and why it is not genuine', async () => {
    const { code, out } = await verify(JSON.stringify(v3Headers(body)), `${body}\n`)
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^NOT genuine \(badSignature\): ./),
      `  it names the key ${publicKeyId}; configured: ${publicKeyId}`,
      '  the body must be the raw bytes: one that was parsed and written again has another signature',
    ])
    expect(code).toBe(1)
  })

  test('says of an old one how to give its time, and of one without headers that it names no key', async () => {
    const old = await verify(JSON.stringify(v3Headers(body, { timestamp: '1700000000' })))
    expect(old.out.split('\n')).toEqual([
      expect.stringMatching(/^NOT genuine \(clock\): ./),
      `  it names the key ${publicKeyId}; configured: ${publicKeyId}`,
      '  give the time it arrived with --at, if it is an old one',
    ])
    const bare = await verify('')
    expect(bare.out.split('\n')).toEqual([
      expect.stringMatching(/^NOT genuine \(missingHeader\): ./),
      `  it names the key –; configured: ${publicKeyId}`,
    ])
  })

  test.each([
    ['lines', (text: string) => `Wechatpay-Nonce: evil\n${text}`],
    ['lines, the other way round', (text: string) => `${text}\nwechatpay-nonce: evil`],
  ])('believes no headers of which one came twice: %s', async (_, twice) => {
    const text = Object.entries(v3Headers(body))
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n')
    expect((await verify(text)).code).toBe(0)
    expect((await verify(twice(text))).out).toContain('NOT genuine (missingHeader)')
  })

  test('takes platform certificates, alone or beside the public key', async () => {
    const headers = v3Headers(body, { serial: platformSerialA, key: 'platform-a.key.pem' })
    const certificate = { WXPAY_PLATFORM_CERT_FILE: fixtureFile('platform-a.cert.pem') }
    const only = { WXPAY_PUBLIC_KEY_ID: undefined, WXPAY_PUBLIC_KEY_FILE: undefined }
    for (const env of [certificate, { ...certificate, ...only }]) {
      expect((await verify(JSON.stringify(headers), body, env)).out).toBe(
        `genuine: signed by ${platformSerialA}, 13 bytes`,
      )
    }
    const both = await verify('', body, certificate)
    expect(both.out).toContain(`configured: ${platformSerialA}, ${publicKeyId}`)
    for (const half of [{ WXPAY_PUBLIC_KEY_ID: undefined }, { WXPAY_PUBLIC_KEY_FILE: undefined }]) {
      const { out } = await verify(JSON.stringify(headers), body, { ...certificate, ...half })
      expect(out).toContain('genuine: signed by')
    }
  })

  test('reads headers however they were copied', async () => {
    const headers = v3Headers(body)
    const lines = Object.entries(headers).map(([name, value]) => `  ${name.toLowerCase()}  :   ${value}  `)
    for (const text of [
      ['HTTP/1.1 200 OK', ': nothing', ...lines, 'X-Url: https://example.com:8443/', ''].join('\n'),
      `\n  ${JSON.stringify({ ...headers, 'X-Count': 1, 'X-List': ['a'] })}`,
      `POST / HTTP/1.1\r\n${lines.join('\r\n')}`,
    ]) {
      expect((await verify(text)).out).toBe(`genuine: signed by ${publicKeyId}, 13 bytes`)
    }
  })

  test('takes seconds for a time, and nothing else', async () => {
    const headers = fileOf(JSON.stringify(v3Headers(body)))
    for (const at of ['now', '1795406400x', 'x1795406400', '1795406400000', '']) {
      const { code, err } = await run(['verify', fileOf(body), '--headers', headers, '--at', at])
      expect([code, err]).toEqual([2, 'wxpay: --at must be seconds since 1970'])
    }
    const { code } = await run(['verify', fileOf(body), '--headers', headers, '--at', '1795406400'])
    expect(code).toBe(0)
  })

  test('needs the headers of a v3 body', async () => {
    const { code, err } = await run(['verify', fileOf(body)])
    expect([code, err]).toEqual([2, 'wxpay: give --headers: a file, or - for standard input'])
  })

  test('shows the text that a v2 sign should be of, without the key', async () => {
    const members: Members = { b: '2', a: '1', sign: '0'.repeat(64) }
    const { code, out } = await run(['verify', fileOf(v2Xml(members))])
    expect(out.split('\n')).toEqual([
      'NOT genuine: HMAC-SHA256, 3 members',
      '  signed text, before &key=…: a=1&b=2',
    ])
    expect(code).toBe(1)
  })

  test.each([
    ['MD5', 'HMAC-SHA256'],
    ['HMAC-SHA256', 'MD5'],
  ] as const)('says that a sign has the length of %s where %s is configured', async (signed, other) => {
    const file = fileOf(v2Signed(aPaidMessage, signed))
    const { out } = await run(['verify', file], { ...configured, WXPAY_V2_SIGN_TYPE: other })
    expect(out).toMatch(/^NOT genuine: /)
    expect(out).toContain(`\n  its sign has the length of ${signed}: see WXPAY_V2_SIGN_TYPE`)
    const right = await run(['verify', file], { ...configured, WXPAY_V2_SIGN_TYPE: signed })
    expect(right.out).toBe(`genuine: ${signed}, 22 members`)
  })

  test('takes a message without a sign for nothing genuine', async () => {
    const { out } = await run(['verify', fileOf(v2Xml({ a: 1 }))], {
      ...configured,
      WXPAY_V2_SIGN_TYPE: 'MD5',
    })
    expect(out).toContain('NOT genuine: MD5, 1 members')
    expect(out).toContain('length of HMAC-SHA256')
  })

  test('warns of a genuine one that could be cut in another way', async () => {
    const { code, out } = await run(['verify', fileOf(v2Signed({ a: '1&b=2' }))])
    expect(out.split('\n')).toEqual([
      'genuine: HMAC-SHA256, 2 members',
      '  a value contains &: the signed text can be cut in more than one way. Query',
    ])
    expect(code).toBe(0)
  })

  test('says of a v2 refund notification what to do instead', async () => {
    const { out } = await run(['verify', fileOf(v2RefundNotice())])
    expect(out).toBe(
      'NOT verifiable: v2 refund notifications are not signed. Query the refund instead of believing it',
    )
  })
})

describe('decrypt', () => {
  test('opens a resource without associated data, and warns', async () => {
    const { associated_data: _, ...resource } = sealed('{"a":1}', '')
    expect(await run(['decrypt', fileOf(JSON.stringify({ resource }))])).toEqual({
      code: 0,
      out: '{"a":1}',
      err: 'decrypted, not verified: this proves nothing about who sent it',
    })
  })

  test.each([
    ['text that is not UTF-8', v2RefundNotice(reqInfoOf(Buffer.from([0x3c, 0xff])))],
    ['v2 under another key', v2RefundNotice(undefined, {}, 'f'.repeat(32))],
    ['v3 under another key', JSON.stringify({ resource: sealed('{}', 'transaction', v2Key) })],
  ])('says when it does not open: %s', async (_, body) => {
    expect(await run(['decrypt', fileOf(body)])).toEqual({
      code: 1,
      out: 'it does not open with the configured key',
      err: '',
    })
  })

  test.each([
    ['v2', v2RefundNotice(), { WXPAY_V2_KEY: undefined }, 'WXPAY_V2_KEY is not set'],
    [
      'v3',
      JSON.stringify({ resource: sealed('{}') }),
      { WXPAY_V3_KEY: undefined },
      'WXPAY_V3_KEY is not set',
    ],
    [
      'a v2 payment',
      v2Signed(aPaidMessage),
      {},
      'there is no req_info in it: payment notifications are not encrypted',
    ],
  ])('is called wrongly without what it needs: %s', async (_, body, env, said) => {
    const { code, err } = await run(['decrypt', fileOf(body)], { ...configured, ...env })
    expect([code, err]).toEqual([2, `wxpay: ${said}`])
  })

  test('needs a notification', async () => {
    expect((await run(['decrypt'])).err).toBe('wxpay: give the notification: a file, or - for standard input')
  })
})

describe('sign v3', () => {
  test('signs a GET without a body, at this moment and with a nonce of its own', async () => {
    const path = '/v3/pay/transactions/id/1?mchid=1900000001'
    const { out, err } = await run(['sign', 'v3', '--path', path])
    const lines = out.split('\n')
    const header = lines.at(-1) ?? ''
    const { mchid, serial_no, timestamp, nonce_str = '', signature = '' } = authorizationIn(header)
    expect([mchid, serial_no, timestamp]).toEqual(['1900000001', merchantSerialNo, '1795406400'])
    expect(nonce_str).toMatch(/^[0-9A-Za-z]{32}$/)
    const message = `GET\n${path}\n1795406400\n${nonce_str}\n\n`
    expect(lines[0]).toBe(
      `the signed text, ${Buffer.byteLength(message)} bytes, each line ending with a line feed:`,
    )
    expect(out).toContain(`line feed:\n${message}\nAuthorization: WECHATPAY2-SHA256-RSA2048 `)
    expect(isSignedByMerchant(message, signature)).toBe(true)
    expect(err).toBe(
      'whoever has this Authorization can send this very request until five minutes after its timestamp',
    )
  })

  test('signs the bytes of the file, and counts them', async () => {
    const body = '{"咖啡":1}'
    const { out } = await run(['sign', 'v3', '--method', 'POST', '--path', '/v3/x', fileOf(body)])
    const { timestamp, nonce_str, signature = '' } = authorizationIn(out)
    const message = `POST\n/v3/x\n${timestamp}\n${nonce_str}\n${body}\n`
    expect(out).toContain(`the signed text, ${Buffer.byteLength(message)} bytes`)
    expect(isSignedByMerchant(message, signature)).toBe(true)
  })

  test('needs the key itself, and says so', async () => {
    const { code, err } = await run(['sign', 'v3', '--path', '/v3/x'], {
      ...configured,
      WXPAY_KEY_FILE: undefined,
    })
    expect(code).toBe(2)
    expect(err).toMatch(/^wxpay: ERR_WXPAY_CONFIG: privateKeyPem must be PEM text, starting with -----BEGIN$/)
  })

  test.each([[[]], [['--path', 'v3/x']], [['--path', 'https://api.mch.weixin.qq.com/v3/x']]])(
    'needs a path: %j is none',
    async (args) => {
      const { code, err } = await run(['sign', 'v3', ...args])
      expect([code, err]).toEqual([2, 'wxpay: --path must begin with /, and hold the query as it is sent'])
    },
  )

  test('never repeats a key that was put where its file belongs', async () => {
    const pem = fixture('merchant.key.pem')
    for (const args of [
      ['sign', 'v3', '--path', '/v3/x'],
      ['doctor', '--offline'],
    ]) {
      const { out, err } = await run(args, { ...configured, WXPAY_KEY_FILE: pem })
      expect(out + err).toContain('WXPAY_KEY_FILE holds the PEM itself: put it into WXPAY_KEY')
      expect(out + err).not.toContain(pem.split('\n')[1])
    }
    // A key in another spelling is no file either.
    const { err } = await run(['sign', 'v3', '--path', '/v3/x'], {
      ...configured,
      WXPAY_KEY_FILE: 'MIIEvQIBADANBg',
    })
    expect(err).toBe('wxpay: WXPAY_KEY_FILE names no file that can be read')
  })

  test('needs a merchant number', async () => {
    const { err } = await run(['sign', 'v3', '--path', '/'], { ...configured, WXPAY_MCHID: undefined })
    expect(err).toBe('wxpay: WXPAY_MCHID is not set')
  })
})

describe('sign v2', () => {
  test.each(['MD5', 'HMAC-SHA256'] as const)('signs with the configured algorithm: %s', async (signType) => {
    const members = { b: '2', a: 1, empty: '', none: null }
    const { out } = await run(['sign', 'v2', fileOf(JSON.stringify(members))], {
      ...configured,
      WXPAY_V2_SIGN_TYPE: signType,
    })
    expect(out.split('\n')).toEqual([
      'the signed text, before &key=…:',
      'a=1&b=2',
      `sign (${signType}): ${v2Signature({ b: '2', a: 1 }, signType)}`,
    ])
  })

  test.each([
    ['an object', { scene: {} }, 'scene must be text or a number'],
    ['a list', { ids: [1] }, 'ids must be text or a number'],
    ['a truth', { yes: true }, 'yes must be text or a number'],
  ])('signs no %s', async (_, members, said) => {
    const { code, err } = await run(['sign', 'v2', fileOf(JSON.stringify(members))])
    expect([code, err]).toEqual([2, `wxpay: ${said}`])
  })

  test.each([
    ['no key', { WXPAY_V2_KEY: undefined }, 2, 'WXPAY_V2_KEY is not set'],
    [
      'a short key',
      { WXPAY_V2_KEY: 'short' },
      2,
      'ERR_WXPAY_CONFIG: WXPAY_V2_KEY must be the APIv2 key: exactly 32 printable characters',
    ],
    [
      'an unknown algorithm',
      { WXPAY_V2_SIGN_TYPE: 'SHA256' },
      2,
      'WXPAY_V2_SIGN_TYPE must be HMAC-SHA256 or MD5',
    ],
  ])('does not sign with %s', async (_, env, code, said) => {
    expect(await run(['sign', 'v2', fileOf('{"a":1}')], { ...configured, ...env })).toEqual({
      code,
      out: '',
      err: `wxpay: ${said}`,
    })
  })

  test('needs members', async () => {
    const { err } = await run(['sign', 'v2'])
    expect(err).toBe('wxpay: give the members as JSON: a file, or - for standard input')
  })
})

describe('the configuration', () => {
  const keyOf = async (text: string, env: Record<string, string> = {}) => {
    const notice = fileOf(JSON.stringify({ resource: sealed('it opens') }))
    return (await run(['decrypt', notice, '--env-file', fileOf(text)], env)).out
  }

  test.each([
    `WXPAY_V3_KEY=${apiV3Key}`,
    `# a comment\n\nnot a line\nA=1\r\nWXPAY_V3_KEY=${apiV3Key}\r\nB=2`,
    `  export   WXPAY_V3_KEY  =  "${apiV3Key}"  `,
    `WXPAY_V3_KEY='${apiV3Key}'`,
    `WXPAY_V3_KEY=1\nWXPAY_V3_KEY=${apiV3Key}`,
  ])('is read from a file as people write it: %j', async (text) => {
    expect(await keyOf(text)).toBe('it opens')
    expect(await keyOf(text, { WXPAY_V3_KEY: v2Key })).toBe('it opens')
  })

  test.each([
    `exportWXPAY_V3_KEY=${apiV3Key}`,
    `#WXPAY_V3_KEY=${apiV3Key}`,
    `X-WXPAY_V3_KEY=${apiV3Key}`,
    `WXPAY_V3_KEY2=${apiV3Key}`,
    `2WXPAY_V3_KEY=${apiV3Key}`,
    'WXPAY_V3_KEY=',
  ])('is not what only looks like it: %j', async (text) => {
    const { code, err } = await run(
      ['decrypt', fileOf(JSON.stringify({ resource: sealed('{}') })), '--env-file', fileOf(text)],
      {},
    )
    expect([code, err]).toEqual([2, 'wxpay: WXPAY_V3_KEY is not set'])
    expect(await keyOf(text, { WXPAY_V3_KEY: apiV3Key })).toBe('it opens')
  })

  const part = apiV3Key.slice(3)
  test.each([`"${part}x'`, `x"${part}"`, `"${part}"x`])(
    'keeps quotes that are part of a value: %s',
    async (quoted) => {
      const notice = fileOf(JSON.stringify({ resource: sealed('it opens', '', quoted) }))
      const { out } = await run(['decrypt', notice, '--env-file', fileOf(`WXPAY_V3_KEY=${quoted}`)], {})
      expect(out).toBe('it opens')
    },
  )

  test('may hold a key in one line, as some platforms keep it', async () => {
    const oneLine = readFileSync(fixtureFile('merchant.key.pem'), 'utf8').replaceAll('\n', '\\n')
    const { code } = await run(['sign', 'v3', '--path', '/v3/x'], {
      ...configured,
      WXPAY_KEY_FILE: undefined,
      WXPAY_KEY: oneLine,
    })
    expect(code).toBe(0)
    const { out } = await run(['doctor', '--offline'], {
      ...configured,
      WXPAY_CERT_FILE: undefined,
      WXPAY_CERT: fixture('merchant.cert.pem'),
    })
    expect(out).toContain(`belong together, serial number ${merchantSerialNo}`)
  })

  test('in a file that is not there is a wrong call', async () => {
    const { code, err } = await run(['doctor', '--env-file', '/nowhere/.env'])
    expect([code, err]).toEqual([2, 'wxpay: /nowhere/.env cannot be read'])
  })
})

describe('wxpay', () => {
  test.each([[[]], [['help']], [['--help']], [['-h']]])('%j names every command', async (args) => {
    const { code, out } = await run(args)
    expect(code).toBe(0)
    expect(out).toContain(`wxpay ${version}: WeChat Pay (微信支付)`)
    for (const command of ['doctor', 'verify', 'decrypt', 'sign v3', 'sign v2'])
      expect(out).toContain(`\n  wxpay ${command} `)
    for (const name of Object.keys(configured)) expect(out).toMatch(new RegExp(`\\b${name}\\b`))
  })

  test.each([[['--version']], [['-v']], [['version']]])('%j says which one it is', async (args) => {
    expect(await run(args)).toEqual({ code: 0, out: version, err: '' })
  })

  test.each([
    [['docktor'], 'there is no command docktor; wxpay help lists them'],
    [['doctor', '--fast'], 'there is no option --fast here'],
    [['doctor', '--env-file'], '--env-file needs a value'],
    [['verify'], 'give the body: a file, or - for standard input'],
    [['sign', 'v4'], 'sign v2 or sign v3?'],
    [['sign'], 'sign v2 or sign v3?'],
    [['decrypt', '--at', '1'], 'there is no option --at here'],
    [['sign', 'v3', '--headers', 'x'], 'there is no option --headers here'],
  ])('%j is called wrongly', async (args, said) => {
    expect(await run(args)).toEqual({ code: 2, out: '', err: `wxpay: ${said}` })
  })

  test('reads standard input for a file named -', async () => {
    const { readFileSync: read } = process.getBuiltinModule('node:fs')
    const input = jest.spyOn(process.getBuiltinModule('node:fs'), 'readFileSync')
    input.mockImplementation(((file: string | number) =>
      file === 0 ? Buffer.from(v2Signed({ a: 1 })) : read(file)) as typeof read)
    const { out } = await run(['verify', '-'])
    input.mockRestore()
    expect(out).toBe('genuine: HMAC-SHA256, 2 members')
  })

  test('takes every option wherever it stands', async () => {
    const body = '{"id":"EV-1"}'
    const headers = fileOf(JSON.stringify(v3Headers(body)))
    const { code } = await run(['verify', '--headers', headers, '--at', String(noon / 1_000), fileOf(body)])
    expect(code).toBe(0)
    const env = fileOf(`WXPAY_V2_KEY=${v2Key}`)
    const signed = await run(['sign', 'v2', '--env-file', env, fileOf('{"a":1}')], {})
    expect(signed.out).toContain(`sign (HMAC-SHA256): ${v2Signature({ a: 1 })}`)
    const message = fileOf(v2Signed({ a: 1 }))
    expect((await run(['verify', message, '--env-file', env], {})).out).toBe(
      'genuine: HMAC-SHA256, 2 members',
    )
  })

  test('prints to standard output, complains to standard error, and reads the environment by itself', async () => {
    const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
    const err = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    const before = process.env.WXPAY_V2_KEY
    process.env.WXPAY_V2_KEY = v2Key
    try {
      expect(await main(['sign', 'v2', fileOf('{"a":1}')])).toBe(0)
      expect(await main(['docktor'])).toBe(2)
      expect(out.mock.calls.map(([text]) => text)).toEqual([
        'the signed text, before &key=…:\na=1\n',
        `sign (HMAC-SHA256): ${v2Signature({ a: 1 })}\n`,
      ])
      expect(err.mock.calls.map(([text]) => text)).toEqual([
        'wxpay: there is no command docktor; wxpay help lists them\n',
      ])
    } finally {
      if (before === undefined) delete process.env.WXPAY_V2_KEY
      else process.env.WXPAY_V2_KEY = before
    }
  })

  test('does not hide a mistake of its own', async () => {
    const broken = {
      env: {},
      print: () => {
        throw new TypeError('a bug')
      },
      complain: () => {},
      clock: () => noon,
    }
    await expect(main(['doctor', '--offline'], broken)).rejects.toThrow('a bug')
  })
})
