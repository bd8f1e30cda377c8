/** @module A multipart form with one picture in it: bounded before it is parsed. */
import { LIMITS } from '@yuanlu/contract'
import { httpRefusal } from './envelope.ts'
import { readBody } from './read-json.ts'

const FIELD = 'file'
/** Boundaries and part headers around the picture. */
const FORM_BYTES = 16 * 1024

const badFile = (problem: string) => httpRefusal('INVALID_INPUT', `${FIELD}: ${problem}`, { field: FIELD })

/** The bytes of the form's only member, `file`. */
export const readPicture = async (request: Request): Promise<Uint8Array> => {
  const body = await readBody(request, LIMITS.uploadBytes + FORM_BYTES)
  const form = await parseForm(request.headers.get('content-type') ?? '', body)
  const unknown = [...form.keys()].find((name) => name !== FIELD)
  if (unknown !== undefined)
    throw httpRefusal('INVALID_INPUT', 'the form may have the member file and no other', {
      field: unknown.slice(0, 100),
    })
  const [file, ...more] = form.getAll(FIELD)
  if (file === undefined) throw badFile('is missing')
  if (more.length > 0) throw badFile('is there more than once; send one picture a call')
  if (typeof file === 'string') throw badFile('is text; send it as a file, with a file name')
  if (file.size > LIMITS.uploadBytes)
    throw httpRefusal('TOO_LARGE', `a picture may have at most ${LIMITS.uploadBytes} bytes`)
  return new Uint8Array(await file.arrayBuffer())
}

const parseForm = async (contentType: string, body: Uint8Array): Promise<FormData> => {
  if (!/^multipart\/form-data\s*;/i.test(contentType))
    throw httpRefusal('INVALID_INPUT', 'the body must be a multipart/form-data form', {
      field: 'Content-Type',
    })
  try {
    return await new Response(body.slice(), { headers: { 'Content-Type': contentType } }).formData()
  } catch {
    throw httpRefusal('INVALID_INPUT', 'the body is not a well-formed multipart form', { field: 'body' })
  }
}
