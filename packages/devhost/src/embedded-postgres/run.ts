/** @module Running PostgreSQL's programs to their end, as the account they have to run under. */
import { spawn } from 'node:child_process'

/** An operating-system account; null means: whoever runs this process. */
export type Account = { readonly uid: number; readonly gid: number } | null

export interface Ended {
  readonly code: number | null
  readonly output: string
}

const PIPES_HELD_OPEN_MS = 300

/** Runs a program without a shell and collects what it printed. Rejects when it cannot be started at all. */
export const run = (
  program: string,
  args: readonly string[],
  options: { readonly account?: Account; readonly cwd?: string } = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // Messages are read here, so they have to be in one language. PG* variables are somebody else's defaults.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))
    const child = spawn(program, args, {
      ...(options.account ?? {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-20_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    // Both pipes are read to their end, unless the server has inherited them and keeps them open, as it does on
    // Windows: then what the program itself printed has long arrived.
    child.on('close', (code) => resolve({ code, output }))
    child.on('exit', (code) => {
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ code, output })
      }, PIPES_HELD_OPEN_MS).unref()
    })
  })
