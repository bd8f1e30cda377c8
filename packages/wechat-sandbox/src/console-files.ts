/**
 * @module The files of the console page, as they lie in the package's folder `console`.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// src and dist are both one level deep.
const FOLDER = fileURLToPath(new URL('../console/', import.meta.url))

const SCRIPT = 'text/javascript; charset=utf-8'

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'console.css': 'text/css; charset=utf-8',
  'actions.js': SCRIPT,
  'clock.js': SCRIPT,
  'diagrams.js': SCRIPT,
  'difference.js': SCRIPT,
  'dom.js': SCRIPT,
  'fault-tab.js': SCRIPT,
  'faults.js': SCRIPT,
  'format.js': SCRIPT,
  'keep.js': SCRIPT,
  'keys-tab.js': SCRIPT,
  'lists.js': SCRIPT,
  'main.js': SCRIPT,
  'notification-detail.js': SCRIPT,
  'order-detail.js': SCRIPT,
  'request-detail.js': SCRIPT,
  'route.js': SCRIPT,
  'sandbox.js': SCRIPT,
  'table.js': SCRIPT,
  'token.js': SCRIPT,
} as const

export interface ConsoleFile {
  readonly type: string
  readonly text: string
}

/** undefined for every name that isn't one of the page's own files. */
export function consoleFile(name: string): ConsoleFile | undefined {
  const known = Object.entries(TYPES).find(([file]) => file === name)
  return known && { type: known[1], text: readFileSync(`${FOLDER}${known[0]}`, 'utf8') }
}
