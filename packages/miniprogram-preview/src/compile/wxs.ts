/** @module WXS is not JavaScript in three ways that matter; this turns it into JavaScript that behaves the same. */

/**
 * Rewrites WXS source:
 * - `x.constructor` is a type name in WXS (`'Array'`), a function in JavaScript;
 * - `getRegExp('\d')` keeps its backslash in WXS, a JavaScript string drops it;
 * - `require('./x.wxs')` carries a suffix that the template compiler's module names lack.
 */
export function wxsToJavaScript(source: string): string {
  return source
    .replace(/\.constructor\b(?!\s*\.\s*name\b)/g, '.constructor.name')
    .replace(
      /getRegExp\(\s*(['"])((?:\\.|(?!\1).)*)\1/g,
      (_match, quote: string, pattern: string) =>
        `getRegExp(${quote}${pattern.replace(/\\/g, '\\\\')}${quote}`,
    )
    .replace(REQUIRE, (_match, target: string) => `require('${target}')`)
}

/** The files a WXS file requires, as written without their suffix. */
export function wxsRequires(source: string): string[] {
  return [...source.matchAll(REQUIRE)].map((match) => match[1] ?? '')
}

const REQUIRE = /require\(\s*['"]([^'"]+?)\.wxs['"]\s*\)/g
