/** @module Tools that few need, and seldom: fetched by npx when they are called for, never part of the install. */
import { spawn } from 'node:child_process'
import { npxCommand } from './npx.mjs'
import { inRoot } from './root.mjs'

/**
 * @typedef {object} Tool
 * @property {string} package with its exact version
 * @property {string} [beside] another package that it needs beside it, with its exact version
 * @property {string} command
 * @property {string[]} args
 */

/** The versions this was written against (2026-11). */
export const CLOUDBASE_CLI = '@cloudbase/cli@2.12.10'
export const MINIPROGRAM_CI = 'miniprogram-ci@2.1.42'
/** The last that runs on Node.js 20. */
export const CHANGESETS = '@changesets/cli@2.31.1'
export const TYPEDOC = 'typedoc@0.28.20'
/** typedoc reads declarations through the compiler's own interface, which TypeScript 7 no longer has. */
export const TYPESCRIPT_OF_TYPEDOC = 'typescript@5.9.3'

/** @param {Tool} tool @returns {string[]} */
const npxArguments = ({ package: name, beside, command, args }) => [
  '-y',
  ...[name, ...(beside === undefined ? [] : [beside])].flatMap((one) => ['-p', one]),
  command,
  ...args,
]

/** @param {Tool} tool */
export const asShown = (tool) =>
  ['npx', ...npxArguments(tool)].map((part) => (/^$|\s/.test(part) ? `"${part}"` : part)).join(' ')

/**
 * Runs a tool in this terminal.
 *
 * @param {Tool} tool
 * @returns {Promise<boolean>} whether it succeeded
 */
export function runTool(tool) {
  const npx = npxCommand(npxArguments(tool))
  return new Promise((resolve, reject) => {
    const child = spawn(npx.program, npx.args, { cwd: inRoot(), stdio: 'inherit', shell: npx.shell ?? false })
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}
