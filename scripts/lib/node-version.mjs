/** @module Which Node.js this workspace runs on. */

/**
 * What to tell someone whose Node.js is too old, or undefined when it will do. `process.getBuiltinModule` came with 22.3
 * and went back to 20 alone.
 *
 * @param {string} version as in `process.versions.node`, e.g. `18.20.4`
 * @returns {string | undefined}
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 3) || (major === 20 && minor >= 19)) return undefined
  return `Node.js 20.19, or 22.3 or newer, is needed; this is ${version}. Get one at https://nodejs.org and run the same command again.`
}
