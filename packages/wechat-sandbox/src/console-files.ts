/**
 * @module The files of the console page, as they lie in the package's folder `console`.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// src and dist are both one level deep.
const FOLDER = fileURLToPath(new URL('../console/', import.meta.url))

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'console.css': 'text/css; charset=utf-8',
  'faults.js': 'text/javascript; charset=utf-8',
  'actions.js': 'text/javascript; charset=utf-8',
  'fault-tab.js': 'text/javascript; charset=utf-8',
  'keys-tab.js': 'text/javascript; charset=utf-8',
  'main.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'format.js': 'text/javascript; charset=utf-8',
  'panels.js': 'text/javascript; charset=utf-8',
  'details.js': 'text/javascript; charset=utf-8',
  'diagrams.js': 'text/javascript; charset=utf-8',
  'sandbox.js': 'text/javascript; charset=utf-8',
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
