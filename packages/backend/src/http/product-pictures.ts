/**
 * @module Pictures of products: uploaded like evidence, and public from the moment an owner puts one into the catalogue.
 *
 * The catalogue gets a copy of its own, under an owner of its own. So what is public is decided when it is made public,
 * a picture of evidence never becomes public by its address, and the uploader's file is cleared away as ever.
 */
import { type Product, ROUTES, routePath } from '@yuanlu/contract'
import type { StoredFile } from '@yuanlu/shop'
import type { ApiDeps } from './app.ts'
import { httpRefusal } from './envelope.ts'

/** No openid: whoever it belongs to is the shop. */
const CATALOGUE = 'catalogue'
/** A picture in use was last touched in the far future: it never becomes old enough to be cleared away. */
const IN_USE = Date.parse('9999-12-31T00:00:00Z')
/** Products and their pictures are the owner's own doing: far above any shelf. */
const MAX_PICTURES = 100_000

type Deps = Pick<ApiDeps, 'clock' | 'store' | 'uploadUrls'>

/** As stored: a path, so that it outlives a change of the server's name. */
const pathOf = (fileId: string): string => routePath('readPicture', { fileId })
const [BEFORE_ID = ''] = ROUTES.readPicture.path.split(':')
const idIn = (path: string): string | null =>
  path.startsWith(BEFORE_ID) && /^[A-Za-z0-9_-]{1,64}$/.test(path.slice(BEFORE_ID.length))
    ? path.slice(BEFORE_ID.length)
    : null

/** A product with an address that a phone can load. */
export const showProduct = (product: Product, origin: string): Product =>
  idIn(product.imageUrl) === null ? product : { ...product, imageUrl: origin + product.imageUrl }

const badPicture = (problem: string) =>
  httpRefusal('INVALID_INPUT', `imageUrl: ${problem}`, { field: 'imageUrl' })

/** An address as an owner states it; a path alone begins where our own paths do. */
const readAddress = (imageUrl: string, origin: string): URL | null => {
  const address = /^\/(?!\/)/.test(imageUrl) ? origin + imageUrl : imageUrl
  return URL.canParse(address) ? new URL(address) : null
}

/** As our routes are written, without what a gateway puts before them; null below any other origin. */
const ownPath = (url: URL, origin: string): string | null => {
  const own = new URL(`${origin}/`)
  return url.origin === own.origin && url.pathname.startsWith(own.pathname)
    ? url.pathname.slice(own.pathname.length - 1)
    : null
}

/**
 * What to store for the address that an owner states: the path of a picture of ours, or the address as it is.
 *
 * @param by whose uploads may be put into the catalogue
 */
export const keepPicture = async (
  deps: Deps,
  { imageUrl, origin, by }: { readonly imageUrl: string; readonly origin: string; readonly by: string },
): Promise<string> => {
  const url = readAddress(imageUrl, origin)
  if (url === null) return imageUrl
  const inCatalogue = idIn(ownPath(url, origin) ?? '')
  if (inCatalogue !== null) return keepUsing(deps, inCatalogue)
  // Below any origin and prefix: a signed address is private, and the picture may have come to us another way than this.
  const [, uploaded] = /\/v1\/uploads\/([A-Za-z0-9_-]{1,64})$/.exec(url.pathname) ?? []
  const signature = url.searchParams.get('signature')
  if (uploaded === undefined || signature === null) return imageUrl
  const view = {
    fileId: uploaded,
    viewer: url.searchParams.get('viewer') ?? '',
    expires: Number(url.searchParams.get('expires')),
  }
  const file = deps.uploadUrls.holds(view, signature) ? await deps.store.files.get(uploaded) : null
  if (file === null || file.ownerOpenid !== by)
    throw badPicture(
      'names an upload that is not yours or whose address has expired; upload the picture again',
    )
  return copyOf(deps, file)
}

const keepUsing = async ({ store }: Deps, fileId: string): Promise<string> => {
  if (!(await store.files.touch({ ids: [fileId], ownerOpenid: CATALOGUE, at: IN_USE })))
    throw badPicture('names a picture that is not kept any more; upload it again')
  return pathOf(fileId)
}

/** Its number derives from the upload's: saved again after a lost answer, it is the same copy. */
const copyOf = async ({ store }: Deps, { id, type, bytes }: StoredFile): Promise<string> => {
  const file = { id: `p-${id}`, ownerOpenid: CATALOGUE, type, bytes }
  if (!(await store.files.put({ file, at: IN_USE, maxLoose: MAX_PICTURES })))
    throw badPicture('is one too many: the catalogue keeps no more pictures')
  return pathOf(file.id)
}

/** A picture that no product shows any more is cleared away like any other, a day from now. */
export const releasePicture = async ({ clock, store }: Deps, imageUrl: string): Promise<void> => {
  const fileId = idIn(imageUrl)
  if (fileId === null) return
  const products = await store.products.list()
  if (products.some((product) => product.imageUrl === imageUrl)) return
  await store.files.touch({ ids: [fileId], ownerOpenid: CATALOGUE, at: clock() })
}

/** A picture of the catalogue; null for every other file, whoever's it is. */
export const findPicture = async (
  { store }: Pick<Deps, 'store'>,
  fileId: string,
): Promise<StoredFile | null> => {
  const file = await store.files.get(fileId)
  return file?.ownerOpenid === CATALOGUE ? file : null
}
