/** @module What the page asks of the sandbox: its live picture, and calls of the control API with the token. */

const STORED = 'wechat-sandbox-token'

/** The token comes behind the # of the address: it never went to a server, and it leaves the address bar at once. */
function takeToken() {
  const given = /[#&]token=([A-Za-z0-9]+)/.exec(location.hash)?.[1]
  if (given !== undefined) {
    sessionStorage.setItem(STORED, given)
    history.replaceState(null, '', location.pathname)
  }
  return given ?? sessionStorage.getItem(STORED)
}

let token = takeToken()

export const isSignedIn = () => token !== null

export function signIn(given) {
  token = given
  sessionStorage.setItem(STORED, given)
}

async function ask(path, request) {
  try {
    return await fetch(path, request)
  } catch {
    throw new Error('沙箱没有应答，可能已经停止 (the sandbox does not answer)')
  }
}

/** @returns {Promise<any>} @throws Error with the sandbox's own sentence */
export async function call(method, path, body) {
  const answer = await ask(path, {
    method,
    headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json = await answer.json().catch(() => ({}))
  if (answer.status === 401) {
    token = null
    sessionStorage.removeItem(STORED)
    throw new Error('需要控制令牌 (controlToken)：从 sandbox.json 的 consoleUrl 打开本页，或在下方粘贴令牌')
  }
  if (!answer.ok) throw new Error(json.error?.message ?? `HTTP ${answer.status}`)
  return json
}

/** @param {(state: any) => void} show @param {(isThere: boolean) => void} link */
export function watch(show, link) {
  const source = new EventSource('/console/events')
  source.onopen = () => link(true)
  source.onmessage = (event) => {
    link(true)
    show(JSON.parse(event.data))
  }
  // The browser tries again by itself, every second.
  source.onerror = () => link(false)
}
