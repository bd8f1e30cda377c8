/** @module Bodies and queries from outside: bounded, well-formed, and parsed once. */
import { LIMITS } from '@yuanlu/contract'
import type * as z from 'zod/mini'
import { HttpRefusal, httpRefusal } from './envelope.ts'

/** The whole body, refused as soon as it is larger than it may be, whatever Content-Length says. */
export const readBody = async (request: Request, maxBytes: number): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error
    // The caller hung up or stopped sending: that is weather, and no bug of ours.
    throw httpRefusal('INVALID_INPUT', 'the body ended before it was complete', { field: 'body' })
  }
  return Buffer.concat(chunks)
}

const tooLarge = (maxBytes: number) => httpRefusal('TOO_LARGE', `a body may have at most ${maxBytes} bytes`)

/** A JSON body. An empty one counts as `{}`, which is what a call without input sends. */
export const readJson = async (request: Request): Promise<unknown> => {
  const bytes = await readBody(request, LIMITS.bodyBytes)
  if (bytes.byteLength === 0) return {}
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw httpRefusal('INVALID_INPUT', 'the body must be JSON with Content-Type: application/json', {
      field: 'Content-Type',
    })
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw httpRefusal('INVALID_INPUT', 'the body is not well-formed JSON in UTF-8', { field: 'body' })
  }
}

/** Names of members come back in the refusal, and the caller chose them. */
const MAX_NAME = 100

/** Parses input with its schema; the refusal names the field. */
export const parseInput = <S extends z.ZodMiniType>(
  schema: S,
  value: unknown,
  where: string,
): z.output<S> => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, 10).flatMap((issue) => {
    const path = issue.path.map(String)
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
    const fields = keys.length > 0 ? keys.map((key) => [...path, key].join('.')) : [path.join('.') || where]
    return fields.slice(0, 10).map((name) => ({
      field: name.slice(0, MAX_NAME),
      problem: keys.length > 0 ? 'is not known here' : issue.message,
    }))
  })
  const first = issues[0] ?? { field: where, problem: 'is not valid' }
  throw httpRefusal('INVALID_INPUT', `${first.field}: ${first.problem}`, { field: first.field, issues })
}
