/** @module The tab with the keys, in the form of six SDKs: for whoever has the token. */
import { say, tokenForm } from './actions.js'
import { button, empty, h } from './dom.js'
import { call, isSignedIn } from './sandbox.js'

/** @param {HTMLElement} list @param {() => boolean} isOpen whether the tab is still the open one */
export async function drawKeys(list, isOpen) {
  if (!isSignedIn()) {
    list.replaceChildren(
      empty(
        '需要控制令牌 The control token is needed',
        '从 sandbox.json 的 consoleUrl 打开本页，或粘贴 controlToken',
      ),
      h('div', { class: 'panel' }, tokenForm()),
    )
    return
  }
  try {
    const { info, sdks } = await call('GET', '/console/keys')
    if (!isOpen()) return
    list.replaceChildren(
      ...sdks.map(({ name, text }) =>
        h(
          'div',
          { class: 'panel keys' },
          h('h2', {}, name),
          h('pre', {}, text),
          h(
            'div',
            { class: 'row' },
            button('复制 copy', () => copy(text)),
          ),
        ),
      ),
      h(
        'div',
        { class: 'panel keys' },
        h('h2', {}, 'sandbox.json'),
        h('pre', {}, JSON.stringify(info, null, 2)),
      ),
    )
  } catch (error) {
    say(error.message)
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    say('已复制 copied', true)
  } catch {
    say('浏览器不允许复制，请手动选择 (select it by hand)')
  }
}
