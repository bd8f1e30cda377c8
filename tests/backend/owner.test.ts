import type { Role } from '@yuanlu/contract'
import { CALLS } from '@yuanlu/contract/schemas'
import { anHttpWorld } from '../support/http-world'
import { aPaidOrder, NOON, XIAOLIN } from '../support/shop-world'

const BOSS = 'oBoss0000000000000000000001'
const CUP = { title: '陶瓷杯', description: '手工', priceFen: 4200, stock: 5, imageUrl: '/cup.png' }

const aShop = async () => {
  const http = anHttpWorld()
  await http.world.store.staff.ensureOwners([BOSS])
  const tokens: Record<string, string> = {
    owner: await http.signIn(BOSS),
    shopper: await http.signIn(XIAOLIN),
  }
  for (const role of ['support', 'finance'] as const satisfies Role[]) {
    await http.world.store.staff.setRole({ openid: `o-${role}`, role })
    tokens[role] = await http.signIn(`o-${role}`)
  }
  const as = (who: string, method: string, path: string, body?: unknown) =>
    http.request(method, path, {
      ...(tokens[who] === undefined ? {} : { token: tokens[who] }),
      ...(body === undefined ? {} : { body }),
    })
  return { http, as }
}

test.each([
  ['GET', '/v1/merchant/products', undefined, { support: 200, finance: 200 }],
  ['PUT', '/v1/merchant/products/cup', CUP, { support: 403, finance: 403 }],
  ['GET', '/v1/merchant/staff', undefined, { support: 403, finance: 403 }],
  ['PUT', '/v1/merchant/staff/o-new', { role: 'support' }, { support: 403, finance: 403 }],
  ['DELETE', '/v1/merchant/staff/o-support', undefined, { support: 403, finance: 403 }],
] as const)('%s %s is for whom the contract says', async (method, path, body, expected) => {
  const { as, http } = await aShop()
  const before = [await http.world.store.staff.list(), await http.world.store.products.list()]
  const found: Record<string, number> = {}
  for (const who of ['nobody', 'shopper', 'support', 'finance'])
    found[who] = (await as(who, method, path, body)).status
  expect(found).toEqual({ nobody: 401, shopper: 403, ...expected })
  expect([await http.world.store.staff.list(), await http.world.store.products.list()]).toEqual(before)
  expect((await as('owner', method, path, body)).status).toBe(200)
})

describe('staff', () => {
  test('get a role, another one, and none, each as often as it is said', async () => {
    const { as } = await aShop()
    for (const role of ['support', 'support', 'finance'])
      expect((await as('owner', 'PUT', '/v1/merchant/staff/o-new', { role })).json.data).toEqual({
        openid: 'o-new',
        role,
      })
    const listed = await as('owner', 'GET', '/v1/merchant/staff')
    expect(listed.json.data).toEqual({
      items: [
        { openid: 'o-finance', role: 'finance' },
        { openid: 'o-new', role: 'finance' },
        { openid: 'o-support', role: 'support' },
        { openid: BOSS, role: 'owner' },
      ],
    })
    expect(CALLS.listStaff.data.parse(listed.json.data)).toEqual(listed.json.data)
    for (const path of ['/v1/merchant/staff/o-new', '/v1/merchant/staff/o-new', '/v1/merchant/staff/o-never'])
      expect((await as('owner', 'DELETE', path)).json).toEqual({ ok: true, data: {} })
  })

  test('a role that was taken away is gone at the next call of a token that had it', async () => {
    const { as } = await aShop()
    await as('owner', 'DELETE', '/v1/merchant/staff/o-support')
    expect((await as('support', 'GET', '/v1/merchant/products')).status).toBe(403)
  })

  test('the last owner can neither leave nor become less, until there is another', async () => {
    const { as } = await aShop()
    const path = `/v1/merchant/staff/${BOSS}`
    const refused = { status: 409, json: { error: { code: 'LAST_OWNER', retry: 'no' } } }
    expect(await as('owner', 'DELETE', path)).toMatchObject(refused)
    expect(await as('owner', 'PUT', path, { role: 'finance' })).toMatchObject(refused)
    expect((await as('owner', 'PUT', path, { role: 'owner' })).status).toBe(200)
    await as('owner', 'PUT', '/v1/merchant/staff/o-finance', { role: 'owner' })
    expect((await as('owner', 'DELETE', path)).status).toBe(200)
    expect((await as('owner', 'GET', '/v1/merchant/staff')).status).toBe(403)
    expect((await as('finance', 'GET', '/v1/merchant/staff')).status).toBe(200)
  })

  test.each([
    [{}, 'role'],
    [{ role: 'king' }, 'role'],
    [{ role: null }, 'role'],
    [{ role: ['owner'] }, 'role'],
    [{ role: 'support', openid: 'o-other' }, 'openid'],
  ])('%j is refused and named', async (body, field) => {
    const { as } = await aShop()
    expect(await as('owner', 'PUT', '/v1/merchant/staff/o-new', body)).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', details: { field } } },
    })
  })

  test('somebody whose openid cannot be one is not there', async () => {
    const { as } = await aShop()
    expect((await as('owner', 'PUT', '/v1/merchant/staff/%00', { role: 'support' })).status).toBe(404)
  })
})

describe('the catalogue', () => {
  test('a product is created, changed, and seen by everybody at once', async () => {
    const { as } = await aShop()
    const tea = { title: '  龙井 ', description: '', priceFen: 6600, stock: 3, imageUrl: '' }
    const made = await as('owner', 'PUT', '/v1/merchant/products/tea', tea)
    expect(made.json.data).toEqual({ ...tea, title: '龙井', productId: 'tea' })
    expect((await as('nobody', 'GET', '/v1/products/tea')).json.data).toEqual(made.json.data)
    const changed = { ...made.json.data, priceFen: 5900, stock: 0 }
    expect((await as('owner', 'PUT', '/v1/merchant/products/tea', changed)).json.data).toEqual(changed)
    const listed = await as('support', 'GET', '/v1/merchant/products')
    expect(listed.json.data.items.at(-1)).toEqual(changed)
    expect(CALLS.listMerchantProducts.data.parse(listed.json.data)).toEqual(listed.json.data)
  })

  test('orders that were placed keep their price and title, and their goods', async () => {
    const { as, http } = await aShop()
    const orderId = await aPaidOrder(http.world)
    await as('owner', 'PUT', '/v1/merchant/products/cup', CUP)
    expect(http.world.order(orderId)).toMatchObject({
      amountFen: 17590,
      lines: [{ productId: 'beans' }, { productId: 'cup', title: '陶瓷杯', unitPriceFen: 3990, quantity: 1 }],
    })
    expect(http.world.stockOf('cup')).toBe(5)
    http.world.now = NOON + 1
    const body = { items: [{ productId: 'cup', quantity: 1 }] }
    const token = await http.signIn(XIAOLIN)
    const next = await http.request('POST', '/v1/orders', { token, key: 'k2', body })
    expect(next.json.data.amountFen).toBe(4200)
    expect(http.world.stockOf('cup')).toBe(4)
  })

  test.each([
    ['no title', { title: undefined }, 'title'],
    ['an empty title', { title: '  ' }, 'title'],
    ['a title of two lines', { title: 'a\nb' }, 'title'],
    ['a title of 61 characters', { title: '好'.repeat(61) }, 'title'],
    ['a description of 501 characters', { description: '好'.repeat(501) }, 'description'],
    ['a price of 0', { priceFen: 0 }, 'priceFen'],
    ['a negative price', { priceFen: -1 }, 'priceFen'],
    ['half a fen', { priceFen: 0.5 }, 'priceFen'],
    ['a price as text', { priceFen: '4200' }, 'priceFen'],
    ['a price above 2^53', { priceFen: 2 ** 53 }, 'priceFen'],
    ['no price', { priceFen: undefined }, 'priceFen'],
    ['a negative stock', { stock: -1 }, 'stock'],
    ['no stock', { stock: undefined }, 'stock'],
    ['another product’s id', { productId: 'beans' }, 'productId'],
    ['a member nobody asked for', { onSale: true }, 'onSale'],
  ])('%s is refused and named, and nothing changes', async (_, change, field) => {
    const { as, http } = await aShop()
    const before = await http.world.store.products.list()
    expect(await as('owner', 'PUT', '/v1/merchant/products/cup', { ...CUP, ...change })).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', details: { field } } },
    })
    expect(await http.world.store.products.list()).toEqual(before)
  })
})
