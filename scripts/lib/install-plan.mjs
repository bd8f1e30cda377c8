/** @module Decides, without touching anything, whether packages must be installed and how many of them. */
import { createHash } from 'node:crypto'

/**
 * `run`: what starting and serving need. `all`: the tools and tests besides.
 *
 * @typedef {'run' | 'all'} InstallScope
 *
 * @typedef {object} InstallStamp what the last successful install was made from
 * @property {string} key
 * @property {InstallScope} scope
 *
 * @typedef {{ kind: 'nothing' } | { kind: 'install', scope: InstallScope, reason: string }} InstallPlan
 */

const DEPENDENCY_FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'bin',
]

/**
 * A key that changes when another install would have another result: the lock file, the workspace file, the
 * dependencies (not the scripts) of every manifest, and the machine, because some packages are built per platform.
 *
 * @param {{ lockFile: string, workspaceFile: string, manifests: { path: string, text: string }[], platform: string }} input
 * @returns {string}
 */
export function installKey({ lockFile, workspaceFile, manifests, platform }) {
  const hash = createHash('sha256')
  const add = (/** @type {string} */ text) => hash.update(`${text.length}:`).update(text)
  add(platform)
  add(withUnixLines(lockFile))
  add(withUnixLines(workspaceFile))
  for (const { path, text } of [...manifests].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const manifest = JSON.parse(text)
    add(path)
    add(JSON.stringify(DEPENDENCY_FIELDS.map((field) => manifest[field] ?? null)))
  }
  return hash.digest('hex')
}

/**
 * A full install is never narrowed back: someone who has run the tests keeps their tools when they start the shop.
 *
 * @param {{ wanted: InstallScope, key: string, stamp: InstallStamp | undefined, foundDevelopmentPackages: boolean }} input
 *   `foundDevelopmentPackages`: node_modules holds a full install that somebody made by hand, without a stamp
 * @returns {InstallPlan}
 */
export function planInstall({ wanted, key, stamp, foundDevelopmentPackages }) {
  const had = stamp?.scope ?? (foundDevelopmentPackages ? 'all' : 'run')
  const scope = wanted === 'all' || had === 'all' ? 'all' : 'run'
  if (stamp === undefined) return { kind: 'install', scope, reason: 'first time' }
  if (stamp.key !== key) return { kind: 'install', scope, reason: 'the dependencies changed' }
  if (scope !== had) return { kind: 'install', scope, reason: 'tools and tests are missing' }
  return { kind: 'nothing' }
}

/**
 * Reads a stamp back; anything else than a stamp counts as none.
 *
 * @param {string} text
 * @returns {InstallStamp | undefined}
 */
export function parseStamp(text) {
  try {
    const { key, scope } = JSON.parse(text)
    return typeof key === 'string' && (scope === 'run' || scope === 'all') ? { key, scope } : undefined
  } catch {
    return undefined
  }
}

/** @param {string} text */
const withUnixLines = (text) => text.replace(/\r\n/g, '\n')
