/** @module Reads the addresses that navigation calls are given. */

export interface PageAddress {
  /** `pages/shop/shop` */
  readonly route: string
  readonly query: Readonly<Record<string, string>>
}

/** Resolves an address like `../order/order?id=1` against the route of the page that opens it. */
export function parsePageUrl(url: string, currentRoute: string | undefined): PageAddress {
  const [pathPart = '', queryPart = ''] = splitOnce(url, '?')
  const parts = pathPart.startsWith('/') ? [] : (currentRoute?.split('/').slice(0, -1) ?? [])
  for (const segment of pathPart.split('/')) {
    if (segment === '..') parts.pop()
    else if (segment !== '' && segment !== '.') parts.push(segment)
  }
  return { route: parts.join('/').replace(/\.html$/, ''), query: parseQuery(queryPart) }
}

/** WeChat hands over query values as written: a program decodes what it encoded. */
function parseQuery(query: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const [name = '', value = ''] = splitOnce(pair, '=')
    values[name] = value
  }
  return values
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
