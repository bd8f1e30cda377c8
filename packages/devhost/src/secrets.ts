/** @module Random secrets that are made once and kept, so that sessions survive a restart. */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/**
 * Reads the secret kept in `file`; makes one on the first start, readable by this user alone.
 *
 * @returns 43 characters of base64url, 256 bits
 */
export function keptSecret(file: string): string {
  if (fs.existsSync(file)) {
    const kept = fs.readFileSync(file, 'utf8').trim()
    // A file that was cut off (full disk, power) is replaced: the price is signing in again.
    if (/^[\w-]{43}$/.test(kept)) return kept
  }
  const secret = randomBytes(32).toString('base64url')
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  return secret
}
