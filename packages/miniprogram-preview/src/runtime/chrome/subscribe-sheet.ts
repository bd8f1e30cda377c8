/** @module The sheet of wx.requestSubscribeMessage: which messages a person allows, and whether they want to be asked again. */
import { create, createButton } from '../elements.ts'
import type { MessageTemplate } from '../phone-config.ts'
import type { Overlay } from './overlay.ts'

export interface SubscribeAnswer {
  /** Ids of the templates that were allowed. */
  readonly allowed: readonly string[]
  /** 总是保持以上选择，不再询问 */
  readonly remember: boolean
}

export function askToSubscribe(
  overlay: Overlay,
  { program, templates }: { readonly program: string; readonly templates: readonly MessageTemplate[] },
): Promise<SubscribeAnswer> {
  const choices = templates.map(({ templateId, title, keywords }) => {
    const { row, box } = choice(title, Object.values(keywords).join('、'))
    box.checked = true
    return { templateId, row, box }
  })
  const always = choice('总是保持以上选择，不再询问', '')
  always.row.classList.add('always')
  return new Promise((resolve) => {
    const answer = (isAllowed: boolean) => {
      sheet.close()
      const allowed = isAllowed ? choices.filter(({ box }) => box.checked) : []
      resolve({ allowed: allowed.map(({ templateId }) => templateId), remember: always.box.checked })
    }
    const content = create(
      'div',
      { class: 'subscribe' },
      create('p', { class: 'subscribe-program', text: `${program} 申请` }),
      create('h3', { text: '发送一次以下消息' }),
      ...choices.map(({ row }) => row),
      always.row,
      create(
        'div',
        { class: 'subscribe-actions' },
        createButton({ class: 'refuse', text: '取消', onTap: () => answer(false) }),
        createButton({ class: 'allow', text: '允许', onTap: () => answer(true) }),
      ),
    )
    const sheet = overlay.open({ kind: 'bottom', label: '订阅消息', content })
  })
}

function choice(title: string, detail: string): { row: HTMLElement; box: HTMLInputElement } {
  const box = create('input')
  box.type = 'checkbox'
  const text = create('span', { class: 'subscribe-text' }, create('b', { text: title }))
  if (detail !== '') text.append(create('span', { text: detail }))
  return { row: create('label', { class: 'subscribe-choice' }, box, text), box }
}
