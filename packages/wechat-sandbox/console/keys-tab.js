/** @module The tab with the keys, in the form of six SDKs: for whoever has the token. */
import { copyButton, say, tokenForm } from './actions.js'
import { block, empty, h } from './dom.js'
import { keep } from './keep.js'
import { call } from './sandbox.js'
import { isSignedIn } from './token.js'

/** @typedef {{ info: unknown, sdks: readonly { name: string, text: string }[] }} Keys */

/** @param {HTMLElement} list @param {() => boolean} isOpen whether the tab is still the open one */
export async function drawKeys(list, isOpen) {
  if (!isSignedIn()) {
    const title = '需要控制令牌 The control token is needed'
    const draw = () =>
      h(
        'div',
        {},
        empty(title, '打开启动时打印的地址（sandbox.json 的 consoleUrl），或在这里粘贴 controlToken'),
        h('div', { class: 'panel' }, tokenForm()),
      )
    return keep(list, [{ id: 'token', of: 0, draw }])
  }
  keep(list, [{ id: 'loading', of: 0, draw: () => empty('正在取密钥 Loading…', '') }])
  try {
    const keys = /** @type {Keys} */ (await call('GET', '/console/keys'))
    if (!isOpen()) return
    const all = [...keys.sdks, { name: 'sandbox.json', text: JSON.stringify(keys.info, null, 2) }]
    keep(
      list,
      all.map(({ name, text }) => ({
        id: name,
        of: text,
        draw: () =>
          h(
            'div',
            { class: 'panel keys' },
            h(
              'div',
              { class: 'keys-head' },
              h('h2', {}, name),
              copyButton(() => text),
            ),
            block(name, text),
          ),
      })),
    )
  } catch (error) {
    if (!isOpen()) return
    const why = error instanceof Error ? error.message : String(error)
    say(why)
    keep(list, [{ id: 'failed', of: why, draw: () => empty('没有取到密钥 Not loaded', why) }])
  }
}
