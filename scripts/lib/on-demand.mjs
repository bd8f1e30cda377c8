/** @module Tools that only a deployment needs: fetched by npx when they are called for, never part of the install. */
import { runShown } from './command.mjs'
import { npxCommand } from './npx.mjs'

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
 * Runs a tool in this terminal; stopped, it stops the tool.
 *
 * @param {Tool} tool
 * @returns {Promise<boolean>} whether it succeeded
 */
export const runTool = ({ package: name, command, args }) =>
  runShown(npxCommand(['-y', '-p', name, command, ...args]))
