/** @module Turns the output of a failed install into one sentence that says what to do. */

/** @type {readonly (readonly [RegExp, string])[]} */
const CAUSES = [
  [
    /ENOSPC|no space left on device|os error 28\b/i,
    'The disk is full. Free about 1 GB and run the same command again.',
  ],
  [
    /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    'A file may not be written. Check that this folder, your npm cache (npm config get cache) and the pnpm store belong to you; then run the same command again. Files made by an earlier run with sudo are the usual cause.',
  ],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE|lockfile.*(?:not up to date|out of date)/i,
    'pnpm-lock.yaml does not fit a package.json. After a change of dependencies run: npx pnpm@12.21.0 install --no-frozen-lockfile',
  ],
  [
    /ERR_PNPM_IGNORED_BUILDS|ignored build scripts/i,
    'A new dependency brings a build script. Name it under allowBuilds in pnpm-workspace.yaml (true or false).',
  ],
  [
    /CERT|self.signed|unable to (?:get|verify)/i,
    'The package registry presented a certificate that Node.js does not trust. Behind a company proxy, name its certificate in NODE_EXTRA_CA_CERTS.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|META_FETCH_FAIL|network|timed? ?out|dns error|error sending request/i,
    'The package registry cannot be reached. Check the network, the proxy (npm config get proxy) and the registry (npm config get registry), and run the same command again.',
  ],
  [
    /E40[134]|ERR_PNPM_FETCH_\d+|\b(?:401|403|404)\b/,
    'The package registry refused or does not have a package. Check npm config get registry: a mirror may lag behind.',
  ],
]

/**
 * @param {string} output what npx and pnpm printed
 * @returns {string}
 */
export function explainInstallFailure(output) {
  const cause = CAUSES.find(([pattern]) => pattern.test(output))
  return cause?.[1] ?? 'The install failed; the lines above are what pnpm said.'
}
