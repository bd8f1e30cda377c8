/** @module How another machine, or a container on this one, reaches this machine. */
import { networkInterfaces } from 'node:os'

/** An IPv4 address that is not loopback; undefined on a machine without a network. */
export const ADDRESS_OUTSIDE = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
