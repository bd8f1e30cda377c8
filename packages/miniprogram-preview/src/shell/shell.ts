/** @module The page around the phones: who holds which phone, how large it is, and the choices of the preview's host. */
import { create } from '../runtime/elements.ts'
import { takeFragment } from './fragment.ts'
import { type LinkView, type PanelSwitchView, readShellConfig, type ShellConfig } from './shell-config.ts'

interface PhoneSize {
  readonly id: string
  readonly label: string
  readonly width: number
  readonly height: number
}

const SIZES: readonly [PhoneSize, ...PhoneSize[]] = [
  { id: 'standard', label: '375 × 812 标准', width: 375, height: 812 },
  { id: 'small', label: '320 × 568 小屏', width: 320, height: 568 },
  { id: 'medium', label: '360 × 640 中屏', width: 360, height: 640 },
  { id: 'large', label: '430 × 932 大屏', width: 430, height: 932 },
]

const PHONE_LIMIT = 6
/** What the head, the tools and the bezel take away from the window's height. */
const SURROUNDINGS_PX = 172

class Shell {
  private readonly config: ShellConfig
  private readonly host: HTMLElement
  private readonly phones: Phone[] = []
  private readonly addButton: HTMLButtonElement
  private size: PhoneSize

  constructor(config: ShellConfig, head: HTMLElement, host: HTMLElement) {
    this.config = config
    this.host = host
    const query = new URLSearchParams(location.search)
    this.size = SIZES.find(({ id }) => id === query.get('size')) ?? SIZES[0]
    this.addButton = create('button', { class: 'add', text: '＋ 添加手机', onTap: () => this.add() })
    const links = config.links.map(linkView)
    const lead = () => {
      const fragment = takeFragment()
      for (const link of links) link.leadWith(fragment)
    }
    lead()
    // The printed address, opened where this page is open already: the browser loads nothing.
    addEventListener('hashchange', lead)
    document.title = `${config.title} · 小程序预览`
    head.append(
      create('h1', { text: config.title }),
      this.sizeChoice(),
      ...config.switches.map((each) => switchView(config, each)),
      create('span', { class: 'space' }),
      ...links.map(({ element }) => element),
      this.addButton,
    )
    const path = query.get('path') ?? ''
    const wanted = (query.get('phones') ?? '').split(',').filter((openid) => this.knows(openid))
    for (const openid of wanted.length > 0 ? wanted : [config.shoppers[0]?.openid ?? ''])
      this.add(openid, path)
    addEventListener('resize', () => this.fit())
    addEventListener('message', (event) => this.receive(event))
  }

  private knows(openid: string): boolean {
    return this.config.shoppers.some((shopper) => shopper.openid === openid)
  }

  /** Without an openid, the next shopper who holds no phone yet. */
  private add(openid?: string, path = ''): void {
    const taken = new Set(this.phones.map((phone) => phone.openid))
    const free = this.config.shoppers.find((shopper) => !taken.has(shopper.openid)) ?? this.config.shoppers[0]
    const phone = new Phone(this.config, openid ?? free?.openid ?? '', path, {
      onRemove: () => this.remove(phone),
      onShopper: () => this.remember(),
    })
    this.phones.push(phone)
    this.host.append(phone.element)
    this.update()
  }

  private remove(phone: Phone): void {
    this.phones.splice(this.phones.indexOf(phone), 1)
    phone.element.remove()
    this.update()
  }

  private update(): void {
    this.addButton.disabled = this.phones.length >= PHONE_LIMIT
    for (const phone of this.phones) phone.setRemovable(this.phones.length > 1)
    this.fit()
    this.remember()
  }

  /** Phones keep their size in pixels of their own and are drawn smaller when the window is low. */
  private fit(): void {
    const scale = Math.min(1, Math.max(0.5, (innerHeight - SURROUNDINGS_PX) / this.size.height))
    for (const phone of this.phones) phone.setSize(this.size, scale)
  }

  private remember(): void {
    const query = new URLSearchParams({ phones: this.phones.map((phone) => phone.openid).join(',') })
    if (this.size !== SIZES[0]) query.set('size', this.size.id)
    history.replaceState(null, '', `?${query.toString().replaceAll('%2C', ',')}`)
  }

  private receive(event: MessageEvent): void {
    const data: unknown = event.data
    if (event.origin !== location.origin || typeof data !== 'object' || data === null) return
    if (!('type' in data) || data.type !== 'preview-page' || !('path' in data)) return
    this.phones.find((phone) => phone.isSource(event.source))?.showPath(String(data.path))
  }

  private sizeChoice(): HTMLElement {
    const select = create('select', { label: '屏幕尺寸' })
    select.append(...SIZES.map(({ id, label }) => new Option(label, id, false, id === this.size.id)))
    select.addEventListener('change', () => {
      this.size = SIZES.find(({ id }) => id === select.value) ?? SIZES[0]
      this.fit()
      this.remember()
    })
    return create('label', { class: 'choice' }, create('span', { text: '屏幕' }), select)
  }
}

class Phone {
  readonly element: HTMLElement
  openid: string
  private readonly frame: HTMLIFrameElement
  private readonly bezel: HTMLElement
  private readonly path: HTMLElement
  private readonly removeButton: HTMLButtonElement

  constructor(
    config: ShellConfig,
    openid: string,
    path: string,
    actions: { onRemove: () => void; onShopper: () => void },
  ) {
    this.openid = openid
    this.frame = create('iframe')
    this.path = create('p', { class: 'path', label: '当前页面' })
    this.bezel = create('div', { class: 'bezel' }, this.frame)
    this.removeButton = create('button', { class: 'tool', text: '移除', onTap: actions.onRemove })
    const select = create('select', { label: '谁的手机' })
    select.append(
      ...config.shoppers.map(
        (shopper) => new Option(shopper.name, shopper.openid, false, shopper.openid === openid),
      ),
    )
    select.addEventListener('change', () => {
      this.openid = select.value
      this.load('')
      actions.onShopper()
    })
    this.element = create(
      'section',
      { class: 'phone' },
      create(
        'div',
        { class: 'phone-tools' },
        select,
        create('button', {
          class: 'tool',
          text: '刷新',
          onTap: () => this.frame.contentWindow?.location.reload(),
        }),
        this.removeButton,
      ),
      this.bezel,
      this.path,
    )
    this.load(path)
  }

  isSource(source: MessageEventSource | null): boolean {
    return source === this.frame.contentWindow
  }

  showPath(path: string): void {
    this.path.textContent = path
    this.path.title = path
  }

  setRemovable(isRemovable: boolean): void {
    this.removeButton.hidden = !isRemovable
  }

  setSize(size: PhoneSize, scale: number): void {
    this.frame.width = String(size.width)
    this.frame.height = String(size.height)
    this.bezel.classList.toggle('small', size.height < 780)
    // `zoom` keeps the layout of the page around the phone right, which a transform would not.
    this.bezel.style.setProperty('zoom', String(scale))
    this.element.style.width = `${(size.width + 20) * scale}px`
  }

  private load(path: string): void {
    this.frame.title = '手机'
    this.frame.src = `phone?openid=${encodeURIComponent(this.openid)}${path === '' ? '' : `#${path}`}`
  }
}

function linkView({ label, href, takesFragment }: LinkView): {
  readonly element: HTMLElement
  leadWith(fragment: string): void
} {
  const element = create('a', { text: label })
  element.href = href
  element.target = '_blank'
  element.rel = 'noopener'
  return {
    element,
    leadWith(fragment) {
      if (takesFragment === true) element.href = `${href}${fragment}`
    },
  }
}

function switchView(config: ShellConfig, panelSwitch: PanelSwitchView): HTMLElement {
  const segments = create('span', { class: 'segments', role: 'group', label: panelSwitch.label })
  const show = (value: string) => {
    for (const button of segments.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.value === value))
    }
  }
  for (const { value, label } of panelSwitch.options) {
    const button = create('button', { text: label, onTap: () => void choose(value) })
    button.value = value
    segments.append(button)
  }
  const choose = async (value: string) => {
    const response = await fetch('-/switch', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-preview-token': config.token },
      body: JSON.stringify({ id: panelSwitch.id, value }),
    })
    const answer: { value?: string; error?: string } = await response.json()
    if (answer.value === undefined) alert(`没有切换成功：${answer.error ?? response.status}`)
    else show(answer.value)
  }
  show(panelSwitch.value)
  return create('span', { class: 'choice' }, create('span', { text: panelSwitch.label }), segments)
}

const head = document.getElementById('head')
const host = document.getElementById('phones')
if (head !== null && host !== null) new Shell(readShellConfig(), head, host)
