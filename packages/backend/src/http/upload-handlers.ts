/** @module Pictures: taken as a form, given as themselves. The two calls that are not JSON both ways. */
import { ROUTES } from '@yuanlu/contract'
import { CALLS } from '@yuanlu/contract/schemas'
import type { StoredFile } from '@yuanlu/shop'
import type { Context, Hono } from 'hono'
import type { ApiDeps } from './app.ts'
import type { AppEnv } from './base-app.ts'
import { HttpRefusal, httpRefusal } from './envelope.ts'
import { callerIp, identify, limit } from './mount.ts'
import { ownOrigin } from './own-origin.ts'
import { pictureTypeOf } from './picture-type.ts'
import { findPicture } from './product-pictures.ts'
import { readPicture } from './read-form.ts'
import { parseInput } from './read-json.ts'
import { singleQuery } from './single-query.ts'

/** Pictures of one person that no refund shows: a day's worth of changing one's mind. */
const MAX_LOOSE = 60
const LOOSE_WAIT_SECONDS = 3_600

export const mountUploads = (app: Hono<AppEnv>, deps: ApiDeps): void => {
  app.post(ROUTES.uploadFile.path, async (c) => {
    const { openid, sessionId } = await identify(c, deps, { caller: 'shopper', ip: callerIp(c, deps) })
    parseInput(CALLS.uploadFile.query, singleQuery(c), 'query')
    limit(deps.limits.uploads.take(openid, deps.clock()))
    const bytes = await readPicture(c.req.raw)
    const type = pictureTypeOf(bytes)
    if (type === null)
      throw httpRefusal('INVALID_INPUT', 'file: is not a JPEG, PNG or WebP picture', { field: 'file' })
    const fileId = deps.newId()
    const kept = await deps.store.files.put({
      file: { id: fileId, ownerOpenid: openid, type, bytes },
      at: deps.clock(),
      maxLoose: MAX_LOOSE,
    })
    if (!kept)
      throw new HttpRefusal(
        { code: 'TOO_MANY_REQUESTS', message: 'too many pictures that no refund shows; try again later' },
        { 'Retry-After': String(LOOSE_WAIT_SECONDS) },
      )
    deps.log.info('file.kept', { fileId, type, bytes: bytes.byteLength })
    const url = `${ownOrigin(c, deps)}${deps.uploadUrls.sign({ fileId, viewer: sessionId })}`
    return c.json({ ok: true, data: { fileId, url } })
  })

  app.get(ROUTES.readPicture.path, async (c) => {
    limit(deps.limits.anyone.take(callerIp(c, deps), deps.clock()))
    const address = CALLS.readPicture.params.safeParse(c.req.param())
    const file = address.success ? await findPicture(deps, address.data.fileId) : null
    if (file === null) throw httpRefusal('NOT_FOUND', 'there is no such picture')
    // Another picture has another address.
    return show(c, file, 'public, max-age=31536000, immutable')
  })

  app.get(ROUTES.readFile.path, async (c) => {
    const address = CALLS.readFile.params.safeParse(c.req.param())
    const openid = await viewerOf(c, deps)
    // Nobody's, somebody else's, expired and never there: the same answer.
    if (openid === null || !address.success) throw noSuchFile()
    const file = await deps.store.files.get(address.data.fileId)
    if (file === null) throw noSuchFile()
    if (file.ownerOpenid !== openid && (await deps.store.staff.roleOf(openid)) === null) throw noSuchFile()
    return show(c, file, 'private, max-age=300')
  })
}

const show = (c: Context<AppEnv>, file: StoredFile, cacheControl: string) =>
  c.body(Uint8Array.from(file.bytes), 200, {
    'Content-Type': file.type,
    'Content-Disposition': 'inline',
    'Cache-Control': cacheControl,
    // Should a browser ever take it for a page after all, that page can do nothing.
    'Content-Security-Policy': "default-src 'none'; sandbox",
  })

const noSuchFile = () => httpRefusal('NOT_FOUND', 'there is no such picture, or its address has expired')

/**
 * Who is looking, or null without an address of ours that still holds. With a session token it is the token's holder,
 * whoever the address was given to. An `<image>` cannot send one: then it is the holder of the session that the address
 * was given to, for as long as that session lasts.
 */
const viewerOf = async (c: Context<AppEnv>, deps: ApiDeps): Promise<string | null> => {
  const {
    expires = '',
    viewer = '',
    signature = '',
  } = parseInput(CALLS.readFile.query, singleQuery(c), 'query')
  const ip = callerIp(c, deps)
  const holder =
    c.req.header('authorization') !== undefined || signature === ''
      ? (await identify(c, deps, { caller: 'shopper', ip })).openid
      : null
  if (holder === null) limit(deps.limits.anyone.take(ip, deps.clock()))
  const view = { fileId: c.req.param('fileId') ?? '', viewer, expires: Number(expires) }
  if (!/^[0-9]{1,12}$/.test(expires) || !deps.uploadUrls.holds(view, signature)) return null
  if (holder !== null) return holder
  const session = await deps.store.sessions.find(viewer)
  return session === null || session.expiresAt <= deps.clock() ? null : session.openid
}
