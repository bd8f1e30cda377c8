/** @module image, icon, progress, rich-text. */
import { assetUrl } from '../asset-url.ts'
import type { Define } from './part.ts'

/** `mode` of image, as object-fit and object-position. */
const MODES: Readonly<Record<string, { fit: string; position?: string }>> = {
  scaleToFill: { fit: 'fill' },
  aspectFit: { fit: 'contain' },
  aspectFill: { fit: 'cover' },
  widthFix: { fit: 'fill' },
  heightFix: { fit: 'fill' },
  top: { fit: 'none', position: 'top' },
  bottom: { fit: 'none', position: 'bottom' },
  center: { fit: 'none', position: 'center' },
  left: { fit: 'none', position: 'left' },
  right: { fit: 'none', position: 'right' },
  'top left': { fit: 'none', position: 'top left' },
  'top right': { fit: 'none', position: 'top right' },
  'bottom left': { fit: 'none', position: 'bottom left' },
  'bottom right': { fit: 'none', position: 'bottom right' },
}

export function defineMedia(define: Define): void {
  const imageSpecs = {
    src: String,
    mode: { type: String, value: 'scaleToFill' },
    lazyLoad: Boolean,
    webp: Boolean,
    showMenuByLongpress: Boolean,
  } as const
  for (const tag of ['image', 'cover-image']) {
    define(tag, imageSpecs, (part) => {
      const image = document.createElement('img')
      image.alt = ''
      image.draggable = false
      part.element.append(image)
      part.watch(['src'], () => {
        const source = part.get('src')
        image.style.visibility = source ? '' : 'hidden'
        if (source) image.src = assetUrl(source, part.owner())
        else image.removeAttribute('src')
      })
      part.watch(['mode'], () => {
        const { fit, position = 'center' } = MODES[part.get('mode')] ?? { fit: 'fill' }
        image.style.objectFit = fit
        image.style.objectPosition = position
        part.element.dataset.mode = part.get('mode')
      })
      image.addEventListener('load', () => {
        part.emit('load', { width: image.naturalWidth, height: image.naturalHeight })
      })
      image.addEventListener('error', () => part.emit('error', { errMsg: `GET ${image.src} failed` }))
    })
  }
  define('icon', { type: String, size: { type: Number, value: 23 }, color: String }, (part) => {
    part.watch(['type', 'size', 'color'], () => {
      part.element.dataset.type = part.get('type')
      part.element.style.fontSize = `${part.get('size')}px`
      part.element.style.color = part.get('color') || ''
    })
  })
  define(
    'progress',
    {
      percent: Number,
      showInfo: Boolean,
      strokeWidth: { type: Number, value: 6 },
      activeColor: { type: String, value: '#09bb07' },
      backgroundColor: { type: String, value: '#ebebeb' },
    },
    (part) => {
      const track = document.createElement('span')
      const bar = document.createElement('span')
      const info = document.createElement('span')
      track.className = 'progress-track'
      bar.className = 'progress-bar'
      track.append(bar)
      part.element.append(track, info)
      part.watch(['percent', 'showInfo', 'strokeWidth', 'activeColor', 'backgroundColor'], () => {
        const percent = Math.min(100, Math.max(0, part.get('percent')))
        track.style.height = `${part.get('strokeWidth')}px`
        track.style.background = part.get('backgroundColor')
        bar.style.background = part.get('activeColor')
        bar.style.width = `${percent}%`
        info.textContent = part.get('showInfo') ? `${percent}%` : ''
      })
    },
  )
  define('rich-text', { nodes: null, space: String }, (part) => {
    part.watch(['nodes'], () => part.element.replaceChildren(...richNodes(part.get('nodes'))))
  })
}

const FORBIDDEN = 'script,iframe,style,object,embed,link,meta,base,form'

interface RichNode {
  readonly type?: string
  readonly text?: string
  readonly name?: string
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly children?: readonly RichNode[]
}

function richNodes(nodes: unknown): Node[] {
  if (Array.isArray(nodes)) return nodes.map(richNode)
  const parsed = new DOMParser().parseFromString(String(nodes ?? ''), 'text/html')
  for (const element of parsed.body.querySelectorAll(FORBIDDEN)) element.remove()
  for (const element of parsed.body.querySelectorAll('*')) {
    for (const { name, value } of [...element.attributes]) {
      if (isDangerous(name, value)) element.removeAttribute(name)
    }
  }
  return [...parsed.body.childNodes]
}

function richNode(node: RichNode): Node {
  if (node.type === 'text') return document.createTextNode(node.text ?? '')
  const probe = document.createElement(node.name ?? 'span')
  const element = probe.matches(FORBIDDEN) ? document.createElement('span') : probe
  for (const [name, value] of Object.entries(node.attrs ?? {})) {
    if (!isDangerous(name, String(value))) element.setAttribute(name, String(value))
  }
  element.append(...(node.children ?? []).map(richNode))
  return element
}

function isDangerous(name: string, value: string): boolean {
  return /^on/i.test(name) || (/^(href|src|action)$/i.test(name) && /^\s*javascript:/i.test(value))
}
