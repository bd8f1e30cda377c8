/** @module The version that wxpay-core names in its User-Agent stands in a file of its own: a bundle cannot read its package.json. */

const DECLARATION = /(?<=^export const version = ')[^']*(?='$)/m

/**
 * @param {string} source of packages/wxpay-core/src/version.ts
 * @param {string} version
 */
export function withVersion(source, version) {
  if (!DECLARATION.test(source)) throw new Error('version.ts does not declare the version where it used to.')
  return source.replace(DECLARATION, version)
}
