/** @module The status bar and the navigation bar, with back arrow, title and capsule (胶囊按钮). */
import { chromeRoot, create, createButton } from '../elements.ts'

export interface NavigationBarView {
  readonly title: string
  /** Text and arrow colour: WeChat allows black and white. */
  readonly frontColor: string
  readonly backgroundColor: string
  readonly loading: boolean
  readonly custom: boolean
  readonly leading: 'back' | 'home' | 'none'
}

export interface NavigationBarActions {
  readonly goBack: () => void
  readonly goHome: () => void
  readonly openMenu: () => void
}

export class NavigationBar {
  private readonly host: HTMLElement
  private readonly bar: HTMLElement
  private readonly leading: HTMLElement
  private readonly title: HTMLElement
  private readonly spinner: HTMLElement
  private readonly actions: NavigationBarActions

  constructor(host: HTMLElement, actions: NavigationBarActions) {
    this.host = host
    this.actions = actions
    this.leading = create('div', { class: 'leading' })
    this.spinner = create('span', { class: 'bar-spinner', label: '加载中' })
    this.title = create('span', { class: 'title' })
    this.bar = create(
      'header',
      { class: 'top' },
      statusBar(),
      create(
        'div',
        { class: 'navigation' },
        this.leading,
        create('div', { class: 'heading' }, this.spinner, this.title),
        this.capsule(),
      ),
    )
    chromeRoot(host).append(this.bar)
  }

  update(view: NavigationBarView): void {
    this.title.textContent = view.title
    document.title = view.title || '小程序预览'
    this.spinner.hidden = !view.loading
    this.host.classList.toggle('custom', view.custom)
    this.bar.classList.toggle('custom', view.custom)
    this.bar.classList.toggle('light', /^(white|#fff(fff)?)$/i.test(view.frontColor))
    this.bar.style.backgroundColor = view.custom ? 'transparent' : view.backgroundColor
    this.leading.replaceChildren(...this.leadingButton(view.leading))
  }

  private leadingButton(kind: NavigationBarView['leading']): HTMLElement[] {
    if (kind === 'none') return []
    const isBack = kind === 'back'
    return [
      createButton({
        class: isBack ? 'back' : 'home',
        label: isBack ? '返回' : '首页',
        onTap: isBack ? this.actions.goBack : this.actions.goHome,
      }),
    ]
  }

  private capsule(): HTMLElement {
    return create(
      'div',
      { class: 'capsule' },
      createButton({ class: 'more', label: '更多', onTap: this.actions.openMenu }),
      createButton({ class: 'leave', label: '关闭小程序', onTap: this.actions.goHome }),
    )
  }
}

/** Time, signal and battery. A full-screen sheet draws its own over the page's. */
export function statusBar(): HTMLElement {
  const clock = create('span', { class: 'clock', text: clockText() })
  const bar = create(
    'div',
    { class: 'status' },
    clock,
    create(
      'span',
      { class: 'signals' },
      ...['cell', 'wifi', 'battery'].map((name) => create('i', { class: name })),
    ),
  )
  const timer = setInterval(() => {
    clock.textContent = clockText()
    if (!bar.isConnected) clearInterval(timer)
  }, 10_000)
  return bar
}

function clockText(): string {
  return new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false })
}
