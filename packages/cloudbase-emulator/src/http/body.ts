/**
 * @module Reads a request's body up to a bound.
 */
import type { IncomingMessage } from 'node:http'

/** The whole body, or undefined when it is longer than the bound: then the rest is let go unread. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else resolve(undefined)
    })
    request.on('end', () => resolve(size <= maxBytes ? Buffer.concat(chunks) : undefined))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the request ended early')))
  })
}
