/** @module Installs the workspace's packages when, and only when, something about them changed. */
import fs from 'node:fs'
import { runCaptured } from './command.mjs'
import { explainInstallFailure } from './install-failure.mjs'
import { installKey, parseStamp, planInstall } from './install-plan.mjs'
import { npxCommand } from './npx.mjs'
import { inRoot } from './root.mjs'
import { complain, progress } from './say.mjs'

// Fetched through npx, so that nobody has to install pnpm. package.json names no packageManager: pnpm and corepack
// would then check registry signatures, which fails behind mirrors and on closed networks.
const PNPM = 'pnpm@12.21.0'
const STAMP = inRoot('node_modules', '.yuanlu-install.json')

/**
 * Makes sure that the packages are there; ends the process with a plain message when they cannot be.
 *
 * @param {import('./install-plan.mjs').InstallScope} wanted
 * @param {{ to?: NodeJS.WriteStream }} [options] where progress is shown
 */
export async function ensureInstalled(wanted, { to = process.stdout } = {}) {
  const key = currentKey()
  const plan = planInstall({
    wanted,
    key,
    stamp: fs.existsSync(STAMP) ? parseStamp(fs.readFileSync(STAMP, 'utf8')) : undefined,
    foundDevelopmentPackages: fs.existsSync(inRoot('node_modules', 'typescript')),
  })
  if (plan.kind === 'nothing') return
  const what = plan.scope === 'all' ? 'packages for running and testing' : 'packages for running'
  const line = progress(`Installing ${what} (${plan.reason})`, to)
  // A half-done install must not look finished to the next run.
  fs.rmSync(STAMP, { force: true })
  const args = ['-y', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only']
  if (plan.scope === 'run') args.push('--prod')
  const { ok, output } = await runCaptured(npxCommand(args), (text) => line.detail(text))
  if (!ok) {
    line.end('failed')
    console.error(output.slice(-4_000))
    complain(explainInstallFailure(output))
    process.exit(1)
  }
  line.end('done')
  try {
    fs.writeFileSync(STAMP, `${JSON.stringify({ key, scope: plan.scope })}\n`)
  } catch (error) {
    // The packages are there; without a stamp the next run only installs again.
    complain(
      `The install could not be recorded in ${STAMP}: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function currentKey() {
  const manifests = ['package.json', ...workspaceFolders().map((folder) => `${folder}/package.json`)]
  return installKey({
    lockFile: fs.readFileSync(inRoot('pnpm-lock.yaml'), 'utf8'),
    workspaceFile: fs.readFileSync(inRoot('pnpm-workspace.yaml'), 'utf8'),
    manifests: manifests.map((file) => ({ path: file, text: fs.readFileSync(inRoot(file), 'utf8') })),
    platform: `${process.platform} ${process.arch}`,
  })
}

/** The folders that pnpm-workspace.yaml names, relative to the checkout. */
function workspaceFolders() {
  const below = (/** @type {string} */ parent) =>
    fs.existsSync(inRoot(parent)) ? fs.readdirSync(inRoot(parent)).map((name) => `${parent}/${name}`) : []
  return [...below('packages'), ...below('cloudfunctions'), 'miniprogram', 'tests'].filter((folder) =>
    fs.existsSync(inRoot(folder, 'package.json')),
  )
}
