/** @module Keeps other web pages away: the server can spend a shopper's local money. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** Why a request is refused. */
export interface GuardRefusal {
  readonly status: 403 | 421
  readonly message: string
}

export class Guard {
  /** Made at every start; only pages of this server carry it. */
  readonly token: string = randomBytes(24).toString('base64url')
  private readonly host: string

  constructor(host: string) {
    this.host = host
  }

  /** For everything, reading included: a foreign name that resolves to this address must not get the token. */
  checkHost(request: IncomingMessage): GuardRefusal | undefined {
    const name = hostName(request.headers.host ?? '')
    const isWildcard = this.host === '0.0.0.0' || this.host === '::'
    const isKnown =
      name === 'localhost' ||
      name === '127.0.0.1' ||
      name === '::1' ||
      name === this.host ||
      (isWildcard && isIP(name) > 0)
    return isKnown ? undefined : { status: 421, message: `this server does not answer as "${name}"` }
  }

  /** For everything that acts: the request must come from a page of this server that knows the token. */
  checkCaller(request: IncomingMessage): GuardRefusal | undefined {
    const origin = request.headers.origin
    if (origin !== undefined && origin !== `http://${request.headers.host}`) {
      return { status: 403, message: 'requests from other origins are refused' }
    }
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin') {
      return { status: 403, message: 'requests from other sites are refused' }
    }
    const token = request.headers['x-preview-token']
    if (typeof token !== 'string' || !isSame(token, this.token)) {
      return { status: 403, message: 'the page is from an earlier start of the preview: reload it' }
    }
    return undefined
  }
}

function hostName(host: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(host)
  return (bracketed?.[1] ?? host.split(':')[0] ?? '').toLowerCase()
}

function isSame(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
