/**
 * @module Reads the form the SDK sends for wx.openApi, as bytes: Node's own reader takes every field for text.
 */
import { cloudErrors } from '../cloud-error.ts'

/** The members whose bytes are a message; the others are text. */
const BINARY: readonly string[] = ['requestData', 'apiOptions']

export function readForm(contentType: string, body: Buffer): Readonly<Record<string, string | Buffer>> {
  const boundary = /boundary=([\w'()+,./:=?-]+)/.exec(contentType)?.[1]
  if (boundary === undefined) throw cloudErrors.invalid('the form names no boundary')
  const members = new Map<string, string | Buffer>()
  const line = Buffer.from(`--${boundary}`)
  const next = Buffer.from(`\r\n--${boundary}`)
  let at = body.indexOf(line)
  if (at === -1) throw cloudErrors.invalid('the form is empty')
  at += line.length
  while (body.subarray(at, at + 2).toString('latin1') === '\r\n') {
    const headEnd = body.indexOf('\r\n\r\n', at)
    const end = headEnd === -1 ? -1 : body.indexOf(next, headEnd + 4)
    if (end === -1) throw cloudErrors.invalid('the form is cut short')
    const name = /content-disposition: form-data;.*\bname="([^"]*)"/i.exec(
      body.subarray(at, headEnd).toString('utf8'),
    )?.[1]
    if (name === undefined || members.has(name))
      throw cloudErrors.invalid('a part of the form has no name of its own')
    const bytes = body.subarray(headEnd + 4, end)
    members.set(name, BINARY.includes(name) ? bytes : bytes.toString('utf8'))
    at = end + next.length
  }
  return Object.fromEntries(members)
}
