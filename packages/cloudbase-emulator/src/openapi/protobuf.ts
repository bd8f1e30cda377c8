/**
 * @module The two protobuf messages of wx.openApi: CommApiData as the SDK sends it, CommOpenApiResp as it reads it.
 */
import { cloudErrors } from '../cloud-error.ts'

/** One parameter of a call: a name and the JSON of its value, or a file. */
export interface Pair {
  readonly key: string
  readonly value: Buffer
  readonly contentType: string | null
}

interface Field {
  readonly id: number
  readonly value: number | Buffer
}

const OPEN_API = 0

/** @throws CloudError when it is another kind of call than openapi.* or no such message. */
export function decodeOpenApiCall(bytes: Buffer): readonly Pair[] {
  const fields = decode(bytes)
  const apiType = fields.find(({ id }) => id === 1)?.value ?? OPEN_API
  if (apiType !== OPEN_API) throw cloudErrors.notEmulated(`a wx.openApi call of type ${String(apiType)}`)
  const data = fields.find(({ id }) => id === 2)?.value
  if (!Buffer.isBuffer(data)) return []
  return decode(data).map(({ value }) => {
    const members = Buffer.isBuffer(value) ? decode(value) : []
    const bytesOf = (wanted: number): Buffer | undefined => {
      const found = members.find(({ id }) => id === wanted)?.value
      return Buffer.isBuffer(found) ? found : undefined
    }
    return {
      key: bytesOf(1)?.toString('utf8') ?? '',
      value: bytesOf(2) ?? Buffer.alloc(0),
      contentType: bytesOf(3)?.toString('utf8') ?? null,
    }
  })
}

export function encodeOpenApiAnswer(answer: {
  body: Buffer
  contentType: string
  httpStatus: number
}): Buffer {
  return Buffer.concat([
    ...bytesField(1, answer.body),
    ...bytesField(2, Buffer.from(answer.contentType)),
    Buffer.from([4 << 3]),
    varint(answer.httpStatus),
  ])
}

function bytesField(id: number, bytes: Buffer): readonly Buffer[] {
  return [Buffer.from([(id << 3) | 2]), varint(bytes.length), bytes]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}

function decode(bytes: Buffer): readonly Field[] {
  const fields: Field[] = []
  let at = 0
  const readVarint = (): number => {
    let value = 0
    for (let shift = 0; shift < 5; shift++) {
      const byte = bytes[at++]
      if (byte === undefined) throw malformed()
      value += (byte & 0x7f) * 128 ** shift
      if (byte < 0x80) return value
    }
    throw malformed()
  }
  while (at < bytes.length) {
    const tag = readVarint()
    const wire = tag & 7
    if (wire === 0) fields.push({ id: tag >>> 3, value: readVarint() })
    else if (wire === 2) {
      const length = readVarint()
      if (at + length > bytes.length) throw malformed()
      fields.push({ id: tag >>> 3, value: bytes.subarray(at, at + length) })
      at += length
    } else throw malformed()
  }
  return fields
}

function malformed(): Error {
  return cloudErrors.invalid('requestData is no protobuf message of wx.openApi')
}
