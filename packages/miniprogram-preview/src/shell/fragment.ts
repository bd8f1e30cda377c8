/** @module What stood behind the # of the page's address when it was opened: a secret that no server was told. */

const STORED = 'preview-fragment'

let taken = stored()

/** Takes it out of the address bar at once and keeps it for this tab, so that a reload has it too; empty when there is none. */
export function takeFragment(): string {
  const given = location.hash.length > 1 ? location.hash : ''
  if (given === '') return taken
  taken = given
  history.replaceState(null, '', location.pathname + location.search)
  try {
    sessionStorage.setItem(STORED, given)
  } catch {
    // A browser may forbid a page to store anything: then it lives as long as the page.
  }
  return taken
}

function stored(): string {
  try {
    return sessionStorage.getItem(STORED) ?? ''
  } catch {
    return ''
  }
}
