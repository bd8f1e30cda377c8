/** @module Tools that only a deployment needs: fetched by npx when they are called for, never part of the install. */
import { spawn } from 'node:child_process'
import { npxCommand } from './npx.mjs'
import { inRoot } from './root.mjs'

/**
 * @typedef {object} Tool
 * @property {string} package with its exact version
 * @property {string} command
 * @property {string[]} args
 */

/** The versions this was written against (2026-11). */
export const CLOUDBASE_CLI = '@cloudbase/cli@2.12.10'
export const MINIPROGRAM_CI = 'miniprogram-ci@2.1.42'

/** @param {Tool} tool */
export const asShown = ({ package: name, command, args }) =>
  ['npx', '-y', '-p', name, command, ...args]
    .map((part) => (/^$|\s/.test(part) ? `"${part}"` : part))
    .join(' ')

/**
 * Runs a tool in this terminal.
 *
 * @param {Tool} tool
 * @returns {Promise<boolean>} whether it succeeded
 */
export function runTool({ package: name, command, args }) {
  const npx = npxCommand(['-y', '-p', name, command, ...args])
  return new Promise((resolve, reject) => {
    const child = spawn(npx.program, npx.args, { cwd: inRoot(), stdio: 'inherit', shell: npx.shell ?? false })
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}
