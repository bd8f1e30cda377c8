/** @module Starts a shop in a process of its own, and moves that process's clock. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface ServedShop {
  readonly url: string
  /** From now on its clock is this far ahead of the real one. */
  setAhead(ms: number): Promise<void>
  /** Ends as an operator ends it; answers the exit code. */
  stop(): Promise<number | null>
}

/** @throws with what the process said, when it does not come up */
export const serveShop = async (env: Readonly<Record<string, string>>): Promise<ServedShop> => {
  const child = fork(join(__dirname, 'shop-process.mjs'), {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const answered = async (): Promise<void> => {
    const gone = ended.then((code) => {
      throw new Error(`the shop's process ended (${code}):\n${said}`)
    })
    await Promise.race([once(child, 'message'), gone])
  }
  await answered()
  return {
    url: `http://127.0.0.1:${env.PORT}`,
    setAhead: async (ms) => {
      child.send(ms)
      await answered()
    },
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
