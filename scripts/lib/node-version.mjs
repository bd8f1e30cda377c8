/** @module Which Node.js this workspace runs on. */

export const LEAST_NODE = '20.19'

/**
 * What to tell someone whose Node.js is too old, or undefined when it will do.
 *
 * @param {string} version as in `process.versions.node`, e.g. `18.20.4`
 * @returns {string | undefined}
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined
  return `Node.js ${LEAST_NODE} or newer is needed; this is ${version}. Get one at https://nodejs.org and run the same command again.`
}
