/** @module What the page asks of the sandbox: its live picture, and calls of the control API with the token. */

import { currentToken, forget, GONE } from './token.js'

/** @import { ConsoleState } from '../src/control/console-view.ts' */

const RETRY_MS = 1_000
/** The sandbox says something every 20 s; after a laptop slept, nobody says that the connection is gone. */
const SILENCE_MS = 45_000

async function authorization() {
  const token = await currentToken()
  /** @type {Record<string, string>} */
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` }
  return { token, headers }
}

export const TOKEN_NEEDED =
  '需要控制令牌 (controlToken)：打开启动时打印的地址（sandbox.json 的 consoleUrl），或粘贴令牌'

/** @param {string} path @param {RequestInit} request */
async function ask(path, request) {
  try {
    return await fetch(path, request)
  } catch {
    throw new Error(GONE)
  }
}

/** What a refusal says. @param {unknown} json @param {number} status */
function sentenceOf(json, status) {
  if (typeof json === 'object' && json !== null && 'error' in json) {
    const { error } = json
    if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  }
  return `HTTP ${status}`
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<unknown>}
 * @throws Error with the sandbox's own sentence
 */
export async function call(method, path, body) {
  const { token, headers } = await authorization()
  const answer = await ask(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  /** @type {unknown} */
  const json = await answer.json().catch(() => ({}))
  if (answer.status === 401) {
    forget(token)
    throw new Error(TOKEN_NEEDED)
  }
  if (!answer.ok) throw new Error(sentenceOf(json, answer.status))
  return json
}

/**
 * Shows every picture that arrives, for as long as the page lives.
 *
 * It reads the events with fetch, because an EventSource sends no token and says nothing about why it was refused.
 *
 * @param {() => string} query which rows are wanted, asked at each connection
 * @param {(state: ConsoleState) => void} show
 * @param {(lost: string | null) => void} link null: connected; else why not
 * @returns what connects anew, with the query as it is then
 */
export function watch(query, show, link) {
  let connection = new AbortController()
  const stay = async () => {
    for (;;) {
      connection = new AbortController()
      const { signal } = connection
      const lost = await readPictures(query(), connection, show, () => link(null))
      if (signal.aborted && lost !== GONE) continue
      link(lost)
      // Without a token there is no use in asking again before somebody gives one.
      await pause(lost === TOKEN_NEEDED ? 2 ** 31 - 1 : RETRY_MS, signal)
    }
  }
  void stay()
  return () => connection.abort()
}

/**
 * @param {string} query
 * @param {AbortController} connection
 * @param {(state: ConsoleState) => void} show
 * @param {() => void} opened
 * @returns why it ended
 */
async function readPictures(query, connection, show, opened) {
  let isSilent = false
  const giveUp = () => {
    isSilent = true
    connection.abort()
  }
  let silence = setTimeout(giveUp, SILENCE_MS)
  try {
    const { headers } = await authorization()
    const answer = await fetch(`/console/events${query}`, { headers, signal: connection.signal })
    if (answer.status === 401) return TOKEN_NEEDED
    if (!answer.ok || answer.body === null) return sentenceOf(await answer.json(), answer.status)
    opened()
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return GONE
      clearTimeout(silence)
      silence = setTimeout(giveUp, SILENCE_MS)
      const events = (text + value).split('\n\n')
      text = events.pop() ?? ''
      // A page that was busy shows the newest picture, not every one in between.
      const newest = events.findLast((event) => event.startsWith('data: '))
      if (newest !== undefined) show(JSON.parse(newest.slice('data: '.length)))
    }
  } catch {
    return connection.signal.aborted && !isSilent ? '' : GONE
  } finally {
    clearTimeout(silence)
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
