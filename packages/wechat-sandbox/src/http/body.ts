/**
 * @module Reads a request's body up to a bound.
 */
import type { IncomingMessage } from 'node:http'

/** So much of what is too long is read and dropped, so that its sender gets to hear the answer; then the line is cut. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024

/** The whole body; undefined when it is longer than the bound. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else chunks = []
      if (size > MAX_DROPPED_BYTES) resolve(undefined)
    })
    request.on('end', () => resolve(size <= maxBytes ? Buffer.concat(chunks) : undefined))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the request ended early')))
  })
}
