/** @module npx as a program and its arguments. */
import fs from 'node:fs'
import path from 'node:path'

/**
 * Under `npm run`, npm names its own script, and Node.js can run the npx beside it without a shell; started by hand on
 * Windows, npx is a .cmd file and only a shell can run it.
 *
 * @param {string[]} args
 * @returns {import('./command.mjs').Command}
 */
export function npxCommand(args) {
  const npm = process.env.npm_execpath
  const npx = npm === undefined ? undefined : path.join(path.dirname(npm), 'npx-cli.js')
  if (npx !== undefined && fs.existsSync(npx))
    return { program: process.execPath, args: [npx, ...args], isWrapped: true }
  return { program: 'npx', args, shell: process.platform === 'win32', isWrapped: true }
}
