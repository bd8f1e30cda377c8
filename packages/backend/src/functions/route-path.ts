/** @module Finds our path in the one that a function sees: with the route's prefix, without it, or cut off further. */

export interface RoutePath {
  /** As the routes are written. */
  readonly path: string
  /** What stood before it in the address that was called. */
  readonly prefix: string
}

/**
 * A route of the HTTP access service has a prefix, and whether the function sees it depends on a switch of that route
 * (`enablePathTransmission`). A function knows its own paths, so it takes both: `/shop/v1/orders`, `/v1/orders`, and
 * what is left of `/v1/orders` when the route's prefix is `/v1` itself.
 *
 * @param roots the beginnings of the paths that the function serves; what is cut off belongs to the first
 */
export const routePath = (seen: string, roots: readonly string[]): RoutePath => {
  const path = seen.startsWith('/') ? seen : `/${seen}`
  for (const root of roots) {
    const at = `${path}/`.indexOf(`${root}/`)
    if (at >= 0) return { path: path.slice(at), prefix: path.slice(0, at) }
  }
  const parts = segments(roots[0] ?? '')
  // The longest end of the root that the path still begins with; the cut off beginning is put back.
  for (let cut = 0; cut <= parts.length; cut++) {
    const left = parts.slice(cut)
    if (left.every((part, i) => segments(path)[i] === part))
      return { path: `${join(parts.slice(0, cut))}${path}`, prefix: '' }
  }
  return { path, prefix: '' }
}

const segments = (path: string): string[] => path.split('/').slice(1)

const join = (parts: readonly string[]): string => parts.map((part) => `/${part}`).join('')
