/** @module The tags WeChat itself provides, so that the compiler can tell a forgotten component from a built-in one. */

/** Syntax of WXML that is not an element. */
const STRUCTURE = ['block', 'slot', 'template', 'import', 'include', 'wxs', 'page-meta', 'navigation-bar']

/** Built-in components that the preview draws. */
export const PLAIN_TAGS = [
  'view',
  'cover-view',
  'root-portal',
  'page-container',
  'match-media',
  'movable-area',
  'movable-view',
  'picker-view',
  'picker-view-column',
  'sticky-header',
  'sticky-section',
  'span',
] as const

const INTERACTIVE = [
  'text',
  'button',
  'form',
  'label',
  'navigator',
  'input',
  'textarea',
  'checkbox',
  'checkbox-group',
  'radio',
  'radio-group',
  'switch',
  'slider',
  'progress',
  'icon',
  'image',
  'cover-image',
  'rich-text',
  'scroll-view',
  'swiper',
  'swiper-item',
  'picker',
]

/** Built-in components that need the real client; the preview shows a labelled box in their place. */
export const UNAVAILABLE_TAGS = [
  'video',
  'canvas',
  'map',
  'camera',
  'audio',
  'editor',
  'web-view',
  'ad',
  'ad-custom',
  'official-account',
  'open-data',
  'live-player',
  'live-pusher',
  'store-product',
] as const

export const BUILTIN_TAGS: ReadonlySet<string> = new Set([
  ...STRUCTURE,
  ...PLAIN_TAGS,
  ...INTERACTIVE,
  ...UNAVAILABLE_TAGS,
])
