/**
 * @module Where WeChat Pay is willing to call back.
 */
import { isIP } from 'node:net'

/** Absolute https without query or fragment; plain http is taken for loopback only, which real WeChat Pay never is. */
export function isNotifyUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
