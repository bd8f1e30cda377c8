/** @module Turns the lengths of WXSS into lengths a browser knows. Used for style sheets and for inline styles alike. */

/**
 * - `rpx` is 1/750 of the screen's width (responsive pixel), and the phone is the browser's whole window: `vw`.
 * - `vh` is 1/100 of the page, without navigation bar and tab bar; the phone keeps that height in `--page-vh`.
 */
export function browserLengths(css: string): string {
  return css
    .replace(
      /(-?\d*\.?\d+)rpx\b/g,
      (_match, count: string) => `${Number((Number(count) / 7.5).toFixed(5))}vw`,
    )
    .replace(
      /(?<![\w-])(-?\d*\.?\d+)vh\b/g,
      (_match, count: string) => `calc(${count} * var(--page-vh, 1vh))`,
    )
}
