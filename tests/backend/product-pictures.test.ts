/** Pictures of products: an owner's upload becomes public, and nothing else does. */
import { anHttpWorld, JOBS_TOKEN } from '../support/http-world'
import { MANAGER, XIAOLIN } from '../support/shop-world'

const BOSS = 'oBoss0000000000000000000001'
const DAY = 24 * 60 * 60_000
const CUP = { title: '陶瓷杯', description: '', priceFen: 4200, stock: 5 }
const png = (last: number) => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, last])

const aShop = async (prefix = '') => {
  const http = anHttpWorld()
  await http.world.store.staff.ensureOwners([BOSS])
  await http.world.store.staff.setRole({ openid: MANAGER, role: 'finance' })
  const owner = await http.signIn(BOSS)
  const upload = async (last: number, token = owner) => {
    const form = new FormData()
    form.append('file', new Blob([png(last)]), 'photo.png')
    return (await http.request('POST', '/v1/uploads', { token, raw: form, prefix })).json.data
  }
  /** Signed in anew each time: a session does not last a day. */
  const save = async (imageUrl: string, productId = 'cup', calledBelow = prefix) => {
    const token = await http.signIn(BOSS)
    const put = { token, body: { ...CUP, imageUrl }, prefix: calledBelow }
    return http.request('PUT', `/v1/merchant/products/${productId}`, put)
  }
  const pathOf = (url: string) => new URL(url).pathname.slice(encodeURI(prefix).length)
  const read = (url: string) => http.request('GET', pathOf(url))
  const day = async () => {
    http.world.now += DAY + 60_000
    await http.request('POST', '/internal/tick', { token: JOBS_TOKEN })
  }
  return { http, upload, save, read, day }
}

test('an owner’s upload becomes a public address that anybody reads and that stays the same', async () => {
  const { http, upload, save, read, day } = await aShop()
  const { url } = await upload(1)
  const saved = await save(url)
  expect(saved.status).toBe(200)
  const { imageUrl } = saved.json.data
  expect(imageUrl).toMatch(/^http:\/\/localhost\/v1\/pictures\/[A-Za-z0-9_-]+$/)
  expect((await http.request('GET', '/v1/products/cup')).json.data.imageUrl).toBe(imageUrl)
  const shown = await read(imageUrl)
  expect(shown.status).toBe(200)
  expect(shown.headers.get('content-type')).toBe('image/png')
  expect(shown.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(shown.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  // Long after the upload itself was cleared away.
  await day()
  await day()
  expect((await read(imageUrl)).status).toBe(200)
  expect((await http.request('GET', '/v1/products')).json.data.items[1].imageUrl).toBe(imageUrl)
})

test('saved again after a lost answer it is the same picture, and so it is when it is sent back as it was read', async () => {
  const { upload, save } = await aShop()
  const { url } = await upload(1)
  const first = (await save(url)).json.data.imageUrl
  expect((await save(url)).json.data.imageUrl).toBe(first)
  expect((await save(first)).json.data.imageUrl).toBe(first)
})

test('a picture that no product shows any more is cleared away; one that another product shows is not', async () => {
  const { upload, save, read, day } = await aShop()
  const old = (await save((await upload(1)).url)).json.data.imageUrl
  await save(old, 'second')
  await save((await upload(2)).url)
  await day()
  expect((await read(old)).status).toBe(200)
  await save('', 'second')
  expect((await read(old)).status).toBe(200)
  await day()
  expect((await read(old)).status).toBe(404)
  expect(await save(old)).toMatchObject({
    status: 400,
    json: { error: { code: 'INVALID_INPUT', details: { field: 'imageUrl' } } },
  })
})

describe.each(['/shop', '/店'])('behind the prefix %j of a route', (prefix) => {
  test('an upload becomes public all the same, and stays in use when it is sent back as it was read', async () => {
    const { http, upload, save, read, day } = await aShop(prefix)
    const { url } = await upload(1)
    expect(url).toMatch(`http://localhost${prefix}/v1/uploads/`)
    const saved = (await save(url)).json.data.imageUrl
    const stored = http.world.store.rows.products.get('cup')?.imageUrl ?? ''
    expect(stored).toMatch(/^\/v1\/pictures\/[A-Za-z0-9_-]+$/)
    expect(saved).toBe(`http://localhost${prefix}${stored}`)
    expect((await save(saved)).json.data.imageUrl).toBe(saved)
    expect(http.world.store.rows.products.get('cup')?.imageUrl).toBe(stored)
    await day()
    await day()
    expect((await read(saved)).status).toBe(200)
  })

  test('an upload sent over WeChat’s own way in, which has no prefix, becomes public too', async () => {
    const { http, upload, save } = await aShop(prefix)
    const { url } = await upload(1)
    expect((await save(url, 'cup', '')).status).toBe(200)
    expect(http.world.store.rows.products.get('cup')?.imageUrl).toMatch(/^\/v1\/pictures\/[A-Za-z0-9_-]+$/)
  })
})

test.each(['', '/shop'])(
  'our own path without a host is our own picture, too (prefix %j)',
  async (prefix) => {
    const { http, upload, save, read, day } = await aShop(prefix)
    const { url } = await upload(1)
    const saved = (await save(url.slice(`http://localhost${prefix}`.length))).json.data.imageUrl
    const stored = http.world.store.rows.products.get('cup')?.imageUrl ?? ''
    expect(saved).toBe(`http://localhost${prefix}${stored}`)
    // Let go, and then stated by its path before it is cleared away.
    await save('')
    expect((await save(stored)).json.data.imageUrl).toBe(saved)
    await day()
    await day()
    expect((await read(saved)).status).toBe(200)
    expect((await save('/v1/pictures/p-none')).status).toBe(400)
  },
)

test('evidence never becomes public: not by its address, not through an owner who may see it', async () => {
  const { http, save, upload } = await aShop()
  const shopper = await http.signIn(XIAOLIN)
  const evidence = await upload(3, shopper)
  expect((await http.request('GET', `/v1/pictures/${evidence.fileId}`)).status).toBe(404)
  expect(await save(evidence.url)).toMatchObject({
    status: 400,
    json: { error: { details: { field: 'imageUrl' } } },
  })
  expect((await http.request('GET', `/v1/pictures/p-${evidence.fileId}`)).status).toBe(404)
})

test('an address that expired or was changed is refused, and nothing is saved', async () => {
  const { http, upload, save } = await aShop()
  const { url } = await upload(1)
  const before = (await http.request('GET', '/v1/products/cup')).json.data
  expect((await save(url.replace(/signature=./, 'signature=_'))).status).toBe(400)
  http.world.now += 11 * 60_000
  expect((await save(url)).status).toBe(400)
  expect((await http.request('GET', '/v1/products/cup')).json.data).toEqual(before)
})

test.each([
  '',
  '/assets/products/cup.png',
  'https://cdn.example.com/v1/pictures/x',
  'http://localhost/shop/v1/pictures/x',
  '//localhost/v1/pictures/x',
  'not a url',
])('an address of somebody else’s (%j) is kept as it is', async (imageUrl) => {
  const { save } = await aShop()
  expect((await save(imageUrl)).json.data.imageUrl).toBe(imageUrl)
})

test('only an owner puts a picture there', async () => {
  const { http, upload } = await aShop()
  const token = await http.signIn(MANAGER)
  const { url } = await upload(1, token)
  const put = { token, body: { ...CUP, imageUrl: url } }
  expect((await http.request('PUT', '/v1/merchant/products/cup', put)).status).toBe(403)
})
