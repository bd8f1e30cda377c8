/** @module Page cursors: opaque to callers, checked when they come back. */
import { httpRefusal } from './envelope.ts'

/** Writes a position (an instant and an id) as a cursor. */
export const writeCursor = (at: number, id: string): string =>
  Buffer.from(`${at} ${id}`).toString('base64url')

/** Reads a cursor back; anything we did not write is refused. */
export const readCursor = (cursor: string): { readonly at: number; readonly id: string } => {
  const match = /^([0-9]{1,15}) ([A-Za-z0-9_-]{1,128})$/.exec(
    Buffer.from(cursor, 'base64url').toString('utf8'),
  )
  const [, at, id] = match ?? []
  if (at === undefined || id === undefined || writeCursor(Number(at), id) !== cursor)
    throw httpRefusal('INVALID_INPUT', 'cursor: is not one of ours', { field: 'cursor' })
  return { at: Number(at), id }
}
