/** @module Where in the page one is, kept behind the # of the address: a reload stays there, and back goes back. */

/** @typedef {{ tab: string, id: string | undefined }} Place */

/** @returns {Place | undefined} undefined where the address names none */
export function placeOf(hash = location.hash) {
  const match = /^#\/([a-z]+)(?:\/(.+))?$/.exec(hash)
  if (match?.[1] === undefined) return undefined
  try {
    return { tab: match[1], id: match[2] === undefined ? undefined : decodeURIComponent(match[2]) }
  } catch {
    return { tab: match[1], id: undefined }
  }
}

/** @param {string} tab @param {string} [id] */
export function hrefTo(tab, id) {
  return id === undefined ? `#/${tab}` : `#/${tab}/${encodeURIComponent(id)}`
}

/**
 * Goes there at once: a busy browser tells of a new `location.hash` only later, and until then the next press would start
 * from the old place.
 *
 * @param {string} tab
 * @param {string} [id]
 */
export function goTo(tab, id) {
  const href = hrefTo(tab, id)
  if (location.hash === href) return
  history.pushState(null, '', href)
  dispatchEvent(new HashChangeEvent('hashchange'))
}
