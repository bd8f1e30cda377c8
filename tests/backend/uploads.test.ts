import { createUploadUrls } from '@yuanlu/backend'
import { anHttpWorld, type HttpAnswer, type HttpWorld } from '../support/http-world'
import { AQING, aPaidOrder, MANAGER, XIAOLIN } from '../support/shop-world'

const MB_2 = 2 * 1024 * 1024
const JPEG = [0xff, 0xd8, 0xff, 0xe0]
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const WEBP = [...Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')]

const picture = (start: readonly number[], bytes = 64): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(bytes)
  made.set(start.slice(0, bytes))
  return made
}

const formOf = (...members: [string, Blob | string][]): FormData => {
  const form = new FormData()
  for (const [name, value] of members) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, 'photo.jpg')
  }
  return form
}
const fileForm = (bytes: Uint8Array<ArrayBuffer>): FormData => formOf(['file', new Blob([bytes])])

/** A shop with a shopper, a stranger and a member of staff, all signed in. */
const aShop = async () => {
  const http = anHttpWorld()
  await http.world.store.staff.setRole({ openid: MANAGER, role: 'support' })
  const token = await http.signIn(XIAOLIN)
  const stranger = await http.signIn(AQING)
  const staff = await http.signIn(MANAGER)
  const upload = (raw: BodyInit, by = token) => http.request('POST', '/v1/uploads', { token: by, raw })
  return { http, token, stranger, staff, upload }
}

const read = (http: HttpWorld, url: string, token?: string): Promise<HttpAnswer> =>
  http.request('GET', url, token === undefined ? {} : { token })

describe('uploading', () => {
  test.each([
    ['JPEG', JPEG, 'image/jpeg'],
    ['PNG', PNG, 'image/png'],
    ['WebP', WEBP, 'image/webp'],
  ])('a %s is kept and shown as what its bytes say', async (_, start, type) => {
    const { http, token, upload } = await aShop()
    const answer = await upload(formOf(['file', new Blob([picture(start)], { type: 'text/html' })]))
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.json.data)).toEqual(['fileId', 'url'])
    const shown = await read(http, answer.json.data.url, token)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('content-type')).toBe(type)
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff')
    expect(shown.headers.get('content-disposition')).toBe('inline')
    expect(shown.headers.get('cache-control')).toBe('private, max-age=300')
    const kept = await http.world.store.files.get(answer.json.data.fileId)
    expect([...(kept?.bytes ?? [])]).toEqual([...picture(start)])
  })

  test.each<[string, BodyInit, string]>([
    ['a page under a picture’s name', fileForm(new Uint8Array(Buffer.from('<html><script>'))), 'file'],
    ['an SVG', fileForm(new Uint8Array(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))), 'file'],
    ['a GIF', fileForm(new Uint8Array(Buffer.from('GIF89a........'))), 'file'],
    ['a RIFF that is no WebP', fileForm(new Uint8Array(Buffer.from('RIFF....WAVEfmt '))), 'file'],
    ['a picture cut off in its first bytes', fileForm(picture(PNG, 7)), 'file'],
    ['nothing in a file', fileForm(new Uint8Array()), 'file'],
    ['a form without the file', new FormData(), 'file'],
    ['text for a file', formOf(['file', 'picture']), 'file'],
    ['two files', formOf(['file', new Blob([picture(PNG)])], ['file', new Blob([picture(PNG)])]), 'file'],
    ['a member nobody asked for', formOf(['file', new Blob([picture(PNG)])], ['openid', AQING]), 'openid'],
    ['the bare bytes', picture(PNG), 'Content-Type'],
  ])('%s is refused and named', async (_, raw, field) => {
    const { upload } = await aShop()
    expect(await upload(raw)).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', retry: 'no', details: { field } } },
    })
  })

  test('a form that ends in the middle is refused', async () => {
    const { http, token } = await aShop()
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const raw = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    expect(await http.request('POST', '/v1/uploads', { token, raw, headers })).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', details: { field: 'body' } } },
    })
  })

  test('two megabytes are taken, one byte more is too large, and so is a body that never ends', async () => {
    const { http, token, upload } = await aShop()
    expect((await upload(fileForm(picture(JPEG, MB_2)))).status).toBe(200)
    expect(await upload(fileForm(picture(JPEG, MB_2 + 1)))).toMatchObject({
      status: 413,
      json: { error: { code: 'TOO_LARGE' } },
    })
    let sent = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const answer = await http.request('POST', '/v1/uploads', { token, raw: endless, headers })
    expect(answer.status).toBe(413)
    expect(sent).toBeLessThan(MB_2 + 3 * 65_536)
  })

  test('without a session nothing is taken', async () => {
    const { http } = await aShop()
    const answer = await http.request('POST', '/v1/uploads', { raw: fileForm(picture(PNG)) })
    expect(answer).toMatchObject({ status: 401, json: { error: { code: 'NOT_SIGNED_IN' } } })
  })

  test('too many pictures at once wait, other calls do not', async () => {
    const { http, token, upload } = await aShop()
    const answers: HttpAnswer[] = []
    for (let i = 0; i < 21; i++) answers.push(await upload(fileForm(picture(PNG))))
    expect(answers.map((a) => a.status)).toEqual([...Array.from({ length: 20 }, () => 200), 429])
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('1')
    expect((await http.request('GET', '/v1/me', { token })).status).toBe(200)
  })

  test('whoever has sixty pictures that no refund shows waits until some are cleared away', async () => {
    const { http, upload } = await aShop()
    for (let i = 0; i < 60; i++)
      await http.world.store.files.put({
        file: { id: `loose-${i}`, ownerOpenid: XIAOLIN, type: 'image/png', bytes: picture(PNG) },
        at: http.world.now,
        maxLoose: 60,
      })
    const answer = await upload(fileForm(picture(PNG)))
    expect(answer).toMatchObject({ status: 429, json: { error: { code: 'TOO_MANY_REQUESTS' } } })
    expect(answer.headers.get('retry-after')).toBe('3600')
  })
})

describe('looking at a picture', () => {
  const aPicture = async () => {
    const shop = await aShop()
    const { url, fileId } = (await shop.upload(fileForm(picture(PNG)))).json.data
    return { ...shop, fileId: fileId as string, url: url as string }
  }

  test('is for its uploader and for staff; to a stranger it is not there', async () => {
    const { http, url, token, stranger, staff } = await aPicture()
    expect((await read(http, url, token)).status).toBe(200)
    expect((await read(http, url, staff)).status).toBe(200)
    expect(await read(http, url, stranger)).toMatchObject({
      status: 404,
      json: { error: { code: 'NOT_FOUND' } },
    })
    await http.world.store.staff.ensureOwners(['o-boss'])
    await http.world.store.staff.setRole({ openid: MANAGER, role: null })
    expect((await read(http, url, staff)).status).toBe(404)
  })

  test('an image tag, which cannot send a token, sees it as the one the address was made for', async () => {
    const { http, url, token } = await aPicture()
    expect((await read(http, url)).status).toBe(200)
    // Signing out ends the addresses of that session too.
    await http.request('DELETE', '/v1/sessions', { token })
    expect((await read(http, url)).status).toBe(404)
  })

  test('an address ends with the session that it was made for', async () => {
    const { http, token, upload } = await aShop()
    http.world.now += 2 * 60 * 60_000 - 60_000
    const { url } = (await upload(fileForm(picture(PNG)))).json.data
    expect((await read(http, url)).status).toBe(200)
    http.world.now += 60_000
    expect((await read(http, url)).status).toBe(404)
    expect((await read(http, url, token)).status).toBe(401)
  })

  test('without an address of ours a session alone shows nothing', async () => {
    const { http, fileId, token } = await aPicture()
    expect((await read(http, `/v1/uploads/${fileId}`)).status).toBe(401)
    expect((await read(http, `/v1/uploads/${fileId}`, token)).status).toBe(404)
    expect((await read(http, '/v1/uploads/none', token)).status).toBe(404)
    expect((await read(http, `/v1/uploads/${fileId}?openid=x`, token)).status).toBe(400)
  })

  test('an address lives five to ten minutes', async () => {
    const { http, url, token, upload } = await aPicture()
    http.world.now += 5 * 60_000
    expect((await read(http, url, token)).status).toBe(200)
    http.world.now += 5 * 60_000
    expect((await read(http, url, token)).status).toBe(404)
    expect((await read(http, url)).status).toBe(404)
    http.world.now += 5 * 60_000 - 1
    const late = (await upload(fileForm(picture(PNG)))).json.data.url
    http.world.now += 5 * 60_000
    expect((await read(http, late, token)).status).toBe(200)
    http.world.now += 1
    expect((await read(http, late, token)).status).toBe(404)
  })

  test('an address that somebody changed is none', async () => {
    const { http, url, token, stranger, upload } = await aPicture()
    const other = (await upload(fileForm(picture(PNG)), stranger)).json.data
    const changed = (change: (address: URL) => void) => {
      const address = new URL(url)
      change(address)
      return address.href
    }
    const set = (name: string, value: string) => changed((address) => address.searchParams.set(name, value))
    const addresses = [
      changed((address) => {
        address.pathname = `/v1/uploads/${other.fileId}`
      }),
      set('expires', String(Number(new URL(url).searchParams.get('expires')) + 1)),
      set('expires', '99999999999'),
      set('expires', '1e11'),
      set('viewer', new URL(other.url).searchParams.get('viewer') ?? ''),
      set('signature', new URL(other.url).searchParams.get('signature') ?? ''),
      set('signature', 'AAAA'),
    ]
    for (const address of addresses) {
      expect([address, (await read(http, address, token)).status]).toEqual([address, 404])
      expect([address, (await read(http, address)).status]).toEqual([address, 404])
    }
  })

  test('a stranger’s own address of somebody else’s picture shows nothing', async () => {
    const { http, fileId, stranger, upload } = await aPicture()
    // No answer gives such an address out; this is one made as if it did.
    const own = new URL((await upload(fileForm(picture(PNG)), stranger)).json.data.url)
    expect((await read(http, own.href)).status).toBe(200)
    const viewer = own.searchParams.get('viewer') ?? ''
    const urls = createUploadUrls({ secrets: ['s'.repeat(32)], clock: http.world.clock })
    expect((await read(http, urls.sign({ fileId, viewer }))).status).toBe(404)
    expect((await read(http, urls.sign({ fileId, viewer }), stranger)).status).toBe(404)
  })

  test('a rotated secret still opens the addresses of the one before', async () => {
    const clock = () => 1_000_000
    const view = { fileId: 'f', viewer: 'v' }
    const address = new URL(createUploadUrls({ secrets: ['a'.repeat(32)], clock }).sign(view), 'http://x')
    const signature = address.searchParams.get('signature') ?? ''
    const signed = { ...view, expires: Number(address.searchParams.get('expires')) }
    const holds = (...secrets: string[]) => createUploadUrls({ secrets, clock }).holds(signed, signature)
    expect(holds('b'.repeat(32), 'a'.repeat(32))).toBe(true)
    expect(holds('b'.repeat(32))).toBe(false)
  })
})

describe('evidence', () => {
  const ASK = { amountFen: 100, reason: '有破损' }
  const aPaidShop = async () => {
    const shop = await aShop()
    const orderId = await aPaidOrder(shop.http.world)
    const ask = (evidence: unknown, key = 'r1') =>
      shop.http.request('POST', `/v1/orders/${orderId}/refunds`, {
        token: shop.token,
        key,
        body: { ...ASK, evidence },
      })
    const keep = async (by?: string) => (await shop.upload(fileForm(picture(PNG)), by)).json.data.fileId
    return { ...shop, orderId, ask, keep }
  }

  test('is asked for by ids and shown by addresses, to each their own', async () => {
    const { http, token, staff, stranger, orderId, ask, keep } = await aPaidShop()
    const fileId = await keep()
    const asked = await ask([fileId, fileId])
    const { refundId } = asked.json.data
    const shown = [
      asked.json.data.evidence,
      (await http.request('GET', `/v1/refunds/${refundId}`, { token })).json.data.evidence,
      (await http.request('GET', '/v1/refunds', { token })).json.data.items[0].evidence,
      (await http.request('GET', `/v1/orders/${orderId}`, { token })).json.data.refunds[0].evidence,
      (await http.request('GET', `/v1/merchant/refunds/${refundId}`, { token: staff })).json.data.refund
        .evidence,
      (await http.request('GET', `/v1/merchant/refunds/${refundId}`, { token: staff })).json.data.order
        .refunds[0].evidence,
      (await http.request('GET', '/v1/merchant/refunds', { token: staff })).json.data.items[0].evidence,
    ]
    for (const [address, ...more] of shown) {
      expect(more).toEqual([])
      expect(new URL(address).pathname).toBe(`/v1/uploads/${fileId}`)
      expect((await read(http, address)).status).toBe(200)
      expect((await read(http, address, stranger)).status).toBe(404)
    }
    expect(shown[0]).not.toEqual(shown[4])
  })

  test('asked again under the same key within the minute it is the same answer', async () => {
    const { http, ask, keep } = await aPaidShop()
    const fileId = await keep()
    const first = await ask([fileId])
    http.world.now += 60_000
    expect((await ask([fileId])).json).toEqual(first.json)
  })

  test('has to be one’s own, and there', async () => {
    const { http, orderId, ask, keep, stranger } = await aPaidShop()
    const mine = await keep()
    const hers = await keep(stranger)
    for (const evidence of [[hers], [mine, hers], ['nowhere'], [mine, 'nowhere']])
      expect(await ask(evidence)).toMatchObject({
        status: 400,
        json: { error: { code: 'INVALID_INPUT', details: { field: 'evidence' } } },
      })
    expect(http.world.order(orderId).refunds).toEqual([])
    expect((await ask([mine])).status).toBe(200)
  })

  test.each([
    ['four pictures', ['a', 'b', 'c', 'd'], 'evidence'],
    ['an address for an id', ['http://example.com/x.png'], 'evidence.0'],
    ['a number', [7], 'evidence.0'],
    ['text for a list', 'id-1', 'evidence'],
  ])('%s is refused and named', async (_, evidence, field) => {
    const { ask } = await aPaidShop()
    expect(await ask(evidence)).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', details: { field } } },
    })
  })

  test('stays with its refund; a picture that no refund shows is gone after a day', async () => {
    const { http, ask, keep } = await aPaidShop()
    const shown = await keep()
    const loose = await keep()
    await ask([shown])
    const tick = () => http.request('POST', '/internal/tick', { token: 'jobs-token-of-the-tests' })
    const there = async (id: string) => (await http.world.store.files.get(id)) !== null
    http.world.now += 24 * 60 * 60_000
    await tick()
    expect(await there(loose)).toBe(true)
    http.world.now += 1
    await tick()
    expect([await there(shown), await there(loose)]).toEqual([true, false])
  })

  test('a store that cannot clear files away holds up no other job', async () => {
    const { http } = await aPaidShop()
    http.world.store.files.clearLoose = () => Promise.reject(new Error('disk'))
    const answer = await http.request('POST', '/internal/tick', { token: 'jobs-token-of-the-tests' })
    expect(answer.status).toBe(200)
    expect(http.world.events.map(({ event }) => event)).toContain('files.notCleared')
  })
})

describe('the beginning of an address', () => {
  const originOf = async (
    input: { readonly host?: string; readonly proto?: string; readonly trustProxy?: number } = {},
  ) => {
    const http = anHttpWorld({ trustProxy: input.trustProxy ?? 0 })
    const token = await http.signIn(XIAOLIN)
    const answer = await http.request('POST', `http://${input.host ?? 'localhost'}/v1/uploads`, {
      token,
      raw: fileForm(picture(PNG)),
      headers: input.proto === undefined ? {} : { 'X-Forwarded-Proto': input.proto },
    })
    return new URL(answer.json.data.url).origin
  }

  test('is where the caller found us', async () => {
    expect(await originOf()).toBe('http://localhost')
    expect(await originOf({ host: '192.0.2.7:8080' })).toBe('http://192.0.2.7:8080')
  })

  test('is https behind a proxy that says so, if proxies are trusted at all', async () => {
    expect(await originOf({ proto: 'https' })).toBe('http://localhost')
    expect(await originOf({ proto: 'https', trustProxy: 1 })).toBe('https://localhost')
    expect(await originOf({ proto: 'https, http', trustProxy: 1 })).toBe('http://localhost')
  })

  test('is the configured origin when that is the host that was called', async () => {
    expect(await originOf({ host: 'shop.example.com' })).toBe('https://shop.example.com')
  })
})
