/** @module Draws TDesign's icons from local SVG files: the font they come from lives on a content network. */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import postcss from 'postcss'

/** The icons of `tdesign-icons-svg`, and which of them the program's style sheets name. */
export class IconSet {
  readonly used = new Set<string>()
  private readonly folder: string
  private readonly available: ReadonlySet<string>

  constructor() {
    const manifest = createRequire(import.meta.url).resolve('tdesign-icons-svg/package.json')
    this.folder = path.join(path.dirname(manifest), 'src')
    this.available = new Set(fs.readdirSync(this.folder).map((file) => file.replace(/\.svg$/, '')))
  }

  /** Replaces `.t-icon-name:before` by a mask over the icon's SVG and drops the font. A name without SVG draws nothing. */
  replaceFont(root: postcss.Root): void {
    root.walkRules(ICON_RULE, (rule) => {
      const name = ICON_RULE.exec(rule.selector)?.[1] ?? ''
      if (!this.available.has(name)) return
      this.used.add(name)
      const mask = `url(icons/${name}.svg) center/contain no-repeat`
      rule.removeAll()
      rule.append(
        postcss.parse(
          'content:"";display:inline-block;width:1em;height:1em;vertical-align:top;background:currentColor;' +
            `-webkit-mask:${mask};mask:${mask}`,
        ).nodes,
      )
    })
    root.walkAtRules('font-face', (rule) => {
      if (rule.toString().includes('tdesign.gtimg.com')) rule.remove()
    })
  }

  /** Copies the used icons; those already there from an earlier run stay. */
  copyTo(outDir: string): void {
    const target = path.join(outDir, 'icons')
    fs.mkdirSync(target, { recursive: true })
    const present = new Set(fs.readdirSync(target))
    for (const name of this.used) {
      if (present.has(`${name}.svg`)) continue
      // The package spells the attribute `view-box`, which browsers ignore.
      const svg = fs
        .readFileSync(path.join(this.folder, `${name}.svg`), 'utf8')
        .replace('view-box', 'viewBox')
      fs.writeFileSync(path.join(target, `${name}.svg`), svg)
    }
  }
}

const ICON_RULE = /^\.(?:\w+--)?t-icon-([\w-]+):before$/
