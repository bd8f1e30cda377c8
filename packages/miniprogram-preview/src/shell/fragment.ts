/** @module What stood behind the # of the page's address when it was opened: a secret that no server was told. */

const STORED = 'preview-fragment'

/** Takes it out of the address bar at once and keeps it for this tab, so that a reload has it too; empty when there is none. */
export function takeFragment(): string {
  const given = location.hash.length > 1 ? location.hash : ''
  if (given !== '') {
    sessionStorage.setItem(STORED, given)
    history.replaceState(null, '', location.pathname + location.search)
  }
  return given === '' ? (sessionStorage.getItem(STORED) ?? '') : given
}
