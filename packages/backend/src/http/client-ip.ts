/** @module The caller's address: the socket's, or what trusted proxies say. */
import { isIP } from 'node:net'

/**
 * With `trustProxy` proxies in front, the address is the `trustProxy`-th from the right of `X-Forwarded-For`:
 * everything left of it was written by the caller and proves nothing.
 */
export const clientIp = (input: {
  readonly socketAddress: string
  readonly forwardedFor: string | undefined
  readonly trustProxy: number
}): string => {
  const hops = (input.forwardedFor ?? '').split(',').map((hop) => hop.trim())
  const claimed = input.trustProxy === 0 ? undefined : hops.at(-input.trustProxy)
  const address = claimed !== undefined && isIP(claimed) !== 0 ? claimed : input.socketAddress
  // The zone of a link-local address (fe80::1%eth0) means something on this machine only.
  const bare = address.replace(/%.*$/s, '')
  // IPv4 on a dual-stack socket reads ::ffff:192.0.2.1; WeChat Pay wants the plain form.
  const v4 = /^::ffff:(.+)$/i.exec(bare)?.[1] ?? ''
  return isIP(v4) === 4 ? v4 : bare
}
