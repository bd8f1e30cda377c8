/** @module Serves the compiled program, with validators so that a reload costs little. */
import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { HttpRefusal } from './answers.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
}

/**
 * Sends one file from a folder.
 * @param name decoded path inside the folder
 * @throws HttpRefusal 404, also for anything that would lead outside of the folder
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, name }: { folder: string; name: string },
): Promise<void> {
  const content = await readInside(folder, name)
  if (content === undefined) throw new HttpRefusal(404, 'not found')
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
  const headers = {
    'content-type': TYPES[path.extname(name).toLowerCase()] ?? 'application/octet-stream',
    'cache-control': 'no-cache',
    etag,
  }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, { ...headers, 'content-length': content.length })
  response.end(request.method === 'HEAD' ? undefined : content)
}

async function readInside(folder: string, name: string): Promise<Buffer | undefined> {
  if (name.includes('\0')) return undefined
  const file = path.join(folder, name)
  if (!isInside(folder, file)) return undefined
  try {
    // A link inside the folder must not lead outside either.
    const [realFolder, realFile] = await Promise.all([fs.realpath(folder), fs.realpath(file)])
    return isInside(realFolder, realFile) ? await fs.readFile(realFile) : undefined
  } catch {
    return undefined
  }
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
}
