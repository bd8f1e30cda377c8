/** @module Turns the addresses a program uses for its pictures into addresses the browser can load. */

let proxiedOrigins: readonly string[] = []

/** Pictures from these origins come through the preview's server, like requests do. */
export function setProxiedOrigins(origins: readonly string[]): void {
  proxiedOrigins = origins
}

/**
 * `/images/a.png` is a file of the program; anything with a scheme stays as it is, unless it lies on an origin that
 * the preview maps to another one.
 * @param from id of the page or component that names the file, for relative paths
 */
export function assetUrl(source: string, from = ''): string {
  if (source === '' || /^(data|blob):/.test(source)) return source
  if (/^(https?:)?\/\//.test(source)) return throughProxy(source)
  const base = source.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const segment of source.split('/')) {
    if (segment === '..') base.pop()
    else if (segment !== '' && segment !== '.') base.push(segment)
  }
  return `assets/${base.join('/')}`
}

function throughProxy(url: string): string {
  const index = proxiedOrigins.findIndex((origin) => url === origin || url.startsWith(`${origin}/`))
  const origin = proxiedOrigins[index]
  return origin === undefined ? url : `/-/file/${index}${url.slice(origin.length)}`
}
