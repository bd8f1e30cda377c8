/** @module The tab bar at the bottom, with icons, badges and red dots. */
import { assetUrl } from '../asset-url.ts'
import { chromeRoot, create, createButton } from '../elements.ts'
import type { TabBarConfig, TabItem } from '../page-stack.ts'

export interface TabBadge {
  readonly text?: string
  readonly isDot?: boolean
}

export class TabBar {
  private readonly bar: HTMLElement
  private config: TabBarConfig
  private readonly badges = new Map<number, TabBadge>()
  private readonly items = new Map<number, Partial<TabItem>>()
  private readonly onTap: (tab: TabItem, index: number) => void
  private route = ''
  private isHiddenByProgram = false

  constructor(host: HTMLElement, config: TabBarConfig, onTap: (tab: TabItem, index: number) => void) {
    this.config = config
    this.onTap = onTap
    this.bar = create('nav', { class: 'tabs', role: 'tablist' })
    chromeRoot(host).append(this.bar)
  }

  /** Shows the bar when the route is one of its pages. */
  showFor(route: string): void {
    this.route = route
    this.draw()
  }

  setHidden(isHidden: boolean): void {
    this.isHiddenByProgram = isHidden
    this.draw()
  }

  setBadge(index: number, badge: TabBadge | undefined): void {
    if (badge === undefined) this.badges.delete(index)
    else this.badges.set(index, badge)
    this.draw()
  }

  setItem(index: number, item: Partial<TabItem>): void {
    this.items.set(index, { ...this.items.get(index), ...item })
    this.draw()
  }

  setStyle(style: Partial<TabBarConfig>): void {
    this.config = { ...this.config, ...style, list: this.config.list }
    this.draw()
  }

  private draw(): void {
    const { list, backgroundColor = '#ffffff', borderStyle, custom } = this.config
    const isShown = list.some((tab) => tab.pagePath === this.route)
    this.bar.hidden = !isShown || this.isHiddenByProgram || custom === true
    this.bar.style.backgroundColor = backgroundColor
    this.bar.classList.toggle('white-border', borderStyle === 'white')
    this.bar.replaceChildren(
      ...list.map((tab, index) => this.tab({ ...tab, ...this.items.get(index) }, index)),
    )
  }

  private tab(tab: TabItem, index: number): HTMLElement {
    const isSelected = tab.pagePath === this.route
    const button = createButton({ class: 'tab', role: 'tab', onTap: () => this.onTap(tab, index) })
    button.setAttribute('aria-selected', String(isSelected))
    const { color = '#999999', selectedColor = '#07c160' } = this.config
    button.style.color = isSelected ? selectedColor : color
    const icon = isSelected ? (tab.selectedIconPath ?? tab.iconPath) : tab.iconPath
    if (icon !== undefined && icon !== '') {
      const image = create('img', { class: 'tab-icon' })
      image.src = assetUrl(icon.startsWith('/') ? icon : `/${icon}`)
      image.alt = ''
      button.append(image)
    }
    button.append(create('span', { class: 'tab-text', text: tab.text }))
    const badge = this.badges.get(index)
    if (badge?.isDot === true) button.append(create('i', { class: 'dot', label: '有新内容' }))
    else if (badge?.text !== undefined) button.append(create('i', { class: 'badge', text: badge.text }))
    return button
  }
}
