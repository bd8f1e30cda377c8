/** @module A copy of the checkout to break: what is tracked or new, with the installed packages linked in. Takes a second. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from '../lib/root.mjs'

/**
 * Copies the checkout as it is now, what is not committed included.
 *
 * @param {string} to an empty folder
 */
export function copyWorkingTree(to) {
  for (const file of git('--cached', '--others', '--exclude-standard')) {
    const from = path.join(ROOT, file)
    // A deleted file is tracked until the commit.
    if (!fs.existsSync(from)) continue
    fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
    fs.copyFileSync(from, path.join(to, file))
  }
  const ignored = git('--others', '--ignored', '--exclude-standard', '--directory')
  for (const folder of ignored.filter((name) => path.basename(name) === 'node_modules')) {
    fs.cpSync(path.join(ROOT, folder), path.join(to, folder), {
      recursive: true,
      // The links of the workspace lead from one package to another: copied as they are, they stay inside the copy.
      verbatimSymlinks: true,
      filter: (name) => path.basename(name) !== '.pnpm',
    })
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules', '.pnpm'), path.join(to, 'node_modules', '.pnpm'))
}

/** @param {string[]} options */
function git(...options) {
  return execFileSync('git', ['ls-files', '-z', ...options], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
    .split('\0')
    .filter((name) => name !== '')
}
