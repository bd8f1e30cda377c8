/** @module Runs other programs: with their output shown, or kept for an explanation. */
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { inRoot, ROOT } from './root.mjs'

/**
 * @typedef {object} Command
 * @property {string} program
 * @property {string[]} args
 * @property {boolean} [isWrapped] its work is done by a process below it, to which it passes no signal on
 * @property {boolean} [shell] only for a program that is a shell script on this platform; args must hold nothing to quote
 */

/** The most output that is kept: enough for the message of any failure. */
const KEPT_CHARACTERS = 100_000

/**
 * Runs a command in the checkout and keeps what it prints.
 *
 * @param {Command} command
 * @param {(line: string) => void} onLine each non-empty line as it is printed
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runCaptured(command, onLine) {
  return new Promise((resolve) => {
    const child = spawn(command.program, command.args, {
      cwd: ROOT,
      shell: command.shell ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Without a terminal pnpm would stop rather than ask whether it may rebuild node_modules.
      env: { ...process.env, CI: 'true', FORCE_COLOR: '0', NO_COLOR: '1' },
    })
    let output = ''
    const take = (/** @type {string} */ text) => {
      output = (output + text).slice(-KEPT_CHARACTERS)
      const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
      for (const line of lines) onLine(line.trim())
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ ok: false, output: `${output}\n${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

const STOP_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Runs a command of the checkout in this terminal; resolves to whether it succeeded. When this process is told to stop,
 * the command is stopped first: nobody is left behind, and no next step begins.
 *
 * @param {Command} command
 * @returns {Promise<boolean>}
 */
export function runShown({ program, args, shell = false, isWrapped = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', shell })
    /** @type {NodeJS.Signals | null} */
    let told = null
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      told = signal
      // Looked up before anybody ends: whose parent is gone cannot be found any more.
      const below = isWrapped && child.pid !== undefined ? descendantsOf(child.pid) : []
      child.kill('SIGTERM')
      for (const pid of below) tell(pid)
    }
    for (const signal of STOP_SIGNALS) process.once(signal, stop)
    child.on('error', reject)
    child.on('close', (code) => {
      for (const signal of STOP_SIGNALS) process.off(signal, stop)
      if (told === null) resolve(code === 0)
      else process.kill(process.pid, told)
    })
  })
}

/**
 * The processes below this one; none where nobody can tell: on Windows, and without `ps`.
 *
 * @param {number} pid
 */
function descendantsOf(pid) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const rows = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  /** @type {(parent: number) => number[]} */
  const below = (parent) => rows.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []))
  return below(pid)
}

/** @param {number} pid */
function tell(pid) {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended by itself meanwhile.
  }
}

/**
 * Runs a JavaScript tool of the workspace in this terminal, as `runShown` does.
 *
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<boolean>}
 */
export const runScript = (script, args) => runShown({ program: process.execPath, args: [script, ...args] })

/**
 * The script behind a package's command, e.g. `tsc` of `typescript`: run by Node.js itself, it needs no shell anywhere.
 *
 * @param {string} packageName
 * @param {string} command
 * @returns {string}
 */
export function scriptOf(packageName, command) {
  const manifestFile = inRoot('node_modules', ...packageName.split('/'), 'package.json')
  const manifest = createRequire(import.meta.url)(manifestFile)
  const bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command]
  return path.join(path.dirname(manifestFile), bin)
}
