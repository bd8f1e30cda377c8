/** @module Plain sentences for what a machine may refuse a program: disk space, a permission, a port. */
import { types } from 'node:util'

const { isNativeError } = types

/**
 * @param {unknown} error
 * @returns {string | undefined} undefined when it is no problem of the machine, but of the program
 */
export function explainRunProblem(error) {
  for (let at = error; isNativeError(at); at = at.cause) {
    const { code, path, port, syscall, message } = /** @type {NodeJS.ErrnoException & { port?: number }} */ (
      at
    )
    const where = path === undefined ? '' : ` (${path})`
    // initdb and postgres say it in words, Node.js in a code.
    if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device/i.test(message))
      return `The disk is full${where}. Free some space and run the same command again.`
    if (code === 'EADDRINUSE') return `Port ${port} is taken by another program.`
    if (code === 'EACCES' && syscall === 'listen')
      return `Port ${port} may not be opened by this user; choose one above 1023.`
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      return `A file may not be written${where}. Check that this folder belongs to you.`
  }
  return undefined
}
