/** @module The control token of this tab: taken out of the address, kept for a reload, and used once the sandbox knows it. */

const STORED = 'wechat-sandbox-token'
const CHECK_MS = 10_000

export const GONE = '沙箱没有应答，可能已经停止 (the sandbox does not answer)'
const NOT_ITS_OWN =
  '这个令牌不是这个沙箱的，没有使用它 (that is not this sandbox’s controlToken: it was not taken)'

let token = stored()
/** Settles when every token that was given so far is taken or refused. @type {Promise<void>} */
let arriving = Promise.resolve()
let checks = 0

/** The token stands behind the # of the address: it never went to a server, and it leaves the address bar at once. */
export function givenToken() {
  return /[#&]token=([A-Za-z0-9_-]+)/.exec(location.hash)?.[1]
}

/** Whoever brings one counts as signed in until the sandbox says otherwise. */
export const isSignedIn = () => token !== null || checks > 0

/** The token to send: one that was just given is waited for. */
export async function currentToken() {
  await arriving
  return token
}

/**
 * Takes a token that the sandbox knows; any other leaves the tab with the one it has. A page of another site may link here
 * with a token of its own.
 *
 * @param {string} given
 * @returns {Promise<void>}
 * @throws Error with a sentence for the page
 */
export function signIn(given) {
  checks += 1
  const checked = arriving
    .then(() => check(given))
    .finally(() => {
      checks -= 1
    })
  arriving = checked.catch(() => {})
  return checked
}

/** @param {string} given */
async function check(given) {
  if (!/^[A-Za-z0-9_-]+$/.test(given)) throw new Error(NOT_ITS_OWN)
  const { status } = await fetch('/clock', {
    headers: { Authorization: `Bearer ${given}` },
    signal: AbortSignal.timeout(CHECK_MS),
  }).catch(() => {
    throw new Error(GONE)
  })
  if (status === 401) throw new Error(NOT_ITS_OWN)
  token = given
  store(given)
}

/** The sandbox doesn't know it any more. @param {string | null} refused */
export function forget(refused) {
  if (refused !== token) return
  token = null
  store(null)
}

// A browser may forbid a page to store anything: then the token lives as long as the page.

function stored() {
  try {
    return sessionStorage.getItem(STORED)
  } catch {
    return null
  }
}

/** @param {string | null} value */
function store(value) {
  try {
    if (value === null) sessionStorage.removeItem(STORED)
    else sessionStorage.setItem(STORED, value)
  } catch {}
}
