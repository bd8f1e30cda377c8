/** @module What each call about the catalogue and the people behind the counter does. */
import type { ApiDeps } from './app.ts'
import { httpRefusal } from './envelope.ts'
import type { Handlers } from './mount.ts'
import { keepPicture, releasePicture, showProduct } from './product-pictures.ts'

type OwnerCalls = 'listMerchantProducts' | 'putProduct' | 'listStaff' | 'putStaff' | 'removeStaff'

export const createOwnerHandlers = (deps: ApiDeps): Pick<Handlers, OwnerCalls> => ({
  listMerchantProducts: async ({ origin }) => ({
    items: (await deps.store.products.list()).map((product) => showProduct(product, origin)),
  }),
  putProduct: async ({ identity, params, body, origin }) => {
    const { productId } = params
    if (body.productId !== undefined && body.productId !== productId)
      throw httpRefusal('INVALID_INPUT', 'productId: is not the one of the path', { field: 'productId' })
    const before = await deps.store.products.get(productId)
    const imageUrl = await keepPicture(deps, { imageUrl: body.imageUrl, origin, by: identity.openid })
    const product = { ...body, productId, imageUrl }
    await deps.store.products.put(product)
    if (before !== null && before.imageUrl !== imageUrl) await releasePicture(deps, before.imageUrl)
    deps.log.info('product.put', { productId, priceFen: product.priceFen, stock: product.stock })
    return showProduct(product, origin)
  },

  listStaff: async () => ({ items: await deps.store.staff.list() }),
  putStaff: async ({ params: { openid }, body: { role } }) => {
    refuseLastOwner(await deps.store.staff.setRole({ openid, role }))
    deps.log.info('staff.put', { role })
    return { openid, role }
  },
  removeStaff: async ({ params: { openid } }) => {
    refuseLastOwner(await deps.store.staff.setRole({ openid, role: null }))
    deps.log.info('staff.removed')
    return {}
  },
})

const refuseLastOwner = (answer: 'done' | 'lastOwner'): void => {
  if (answer === 'lastOwner')
    throw httpRefusal('LAST_OWNER', 'a shop needs an owner: make somebody else one first')
}
