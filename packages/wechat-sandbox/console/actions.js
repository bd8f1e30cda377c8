/** @module What people do: a call of the control API, and the sentence that says how it went. */
import { byId, h } from './dom.js'
import { call } from './sandbox.js'
import { isSignedIn, signIn } from './token.js'

/** @typedef {(method: string, path: string, body?: unknown) => Promise<unknown>} Act */

/** Called when something was done, so that what is shown is fetched anew. @type {() => void} */
let done = () => {}

/** @param {() => void} listener */
export function onDone(listener) {
  done = listener
}

/** Called when somebody gave a token. @type {() => void} */
let signedIn = () => {}

/** @param {() => void} listener */
export function onSignIn(listener) {
  signedIn = listener
}

/** Uses the token, or says why not. @param {string} token */
export async function enter(token) {
  try {
    await signIn(token)
    say('')
    signedIn()
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  }
}

/**
 * Resolves to the answer, or undefined when it was refused: then the page says why.
 *
 * @type {Act}
 */
export async function act(method, path, body) {
  try {
    const answer = await call(method, path, body)
    say('')
    done()
    return answer
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** @param {string} sentence @param {boolean} [isPlain] news rather than a refusal */
export function say(sentence, isPlain = false) {
  const notice = byId('notice')
  notice.hidden = sentence === ''
  notice.className = `notice ${isPlain ? 'plain' : ''}`
  notice.replaceChildren(h('span', {}, sentence))
  if (sentence === '') return
  if (!isSignedIn()) notice.append(tokenForm())
  const dismiss = () => say('')
  notice.append(
    h('button', { type: 'button', class: 'quiet', 'aria-label': '知道了 dismiss', onclick: dismiss }, '✕'),
  )
}

export function tokenForm() {
  const input = h('input', {
    type: 'password',
    placeholder: 'controlToken',
    'aria-label': 'controlToken',
    autocomplete: 'off',
  })
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault()
    void enter(input.value.trim())
  }
  return h('form', { class: 'row', onsubmit: submit }, input, h('button', { class: 'main' }, '使用令牌'))
}

/** Copies, and says so on the button itself. @param {() => string} text */
export function copyButton(text) {
  const element = h('button', { type: 'button', class: 'small', onclick: () => void copy() }, '复制 copy')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text())
      element.textContent = '已复制 ✓ copied'
    } catch {
      element.textContent = '请手动选择 select by hand'
    }
    setTimeout(() => {
      element.textContent = '复制 copy'
    }, 2_000)
  }
  return element
}
