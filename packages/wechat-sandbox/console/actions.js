/** @module What people do: a call of the control API, and the sentence that says how it went. */
import { byId, h } from './dom.js'
import { call, isSignedIn, signIn } from './sandbox.js'

/** Called when something was done, so that what is shown is fetched anew. @type {() => void} */
let done = () => {}

/** @param {() => void} listener */
export function onDone(listener) {
  done = listener
}

/** @returns the answer, or undefined when it was refused: then the page says why */
export async function act(method, path, body) {
  try {
    const answer = await call(method, path, body)
    say('')
    done()
    return answer
  } catch (error) {
    say(error.message)
    return undefined
  }
}

/** @param {string} sentence @param {boolean} [isPlain] news rather than a refusal */
export function say(sentence, isPlain = false) {
  const notice = byId('notice')
  notice.hidden = sentence === ''
  notice.className = `notice ${isPlain ? 'plain' : ''}`
  notice.replaceChildren(sentence)
  if (sentence !== '' && !isSignedIn()) notice.append(' ', tokenForm())
}

export function tokenForm() {
  const input = h('input', {
    type: 'password',
    placeholder: 'controlToken',
    'aria-label': 'controlToken',
    autocomplete: 'off',
  })
  const submit = (event) => {
    event.preventDefault()
    signIn(input.value.trim())
    say('')
    done()
  }
  return h('form', { class: 'row', onsubmit: submit }, input, h('button', { class: 'main' }, '使用令牌'))
}
