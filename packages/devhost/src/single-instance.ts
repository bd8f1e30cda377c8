/** @module One running stack per data folder, by a lock that no crash can leave behind. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DevhostProblem } from './problem.ts'

export interface InstanceLock {
  /** Tells whoever asks that this process is about to give the folder back. */
  leaving(): void
  release(): Promise<void>
}

type HolderState = 'running' | 'leaving'

/** A start right after a stop waits for the one that is leaving, rather than complaining about it. */
const LEAVING_WAIT_MS = 30_000
/** One that was orphaned a moment ago may not have noticed yet. */
const RUNNING_WAIT_MS = 1_500
const ASK_EVERY_MS = 100

/**
 * Takes the data folder for this process. The lock is a local socket: the system closes it when its process ends, however
 * it ends, which a file with a process number in it cannot promise.
 *
 * @throws DevhostProblem when another process has it
 */
export async function lockDataFolder(dataDir: string): Promise<InstanceLock> {
  fs.mkdirSync(dataDir, { recursive: true })
  const address = socketAddress(fs.realpathSync(dataDir))
  let state: HolderState = 'running'
  const asked = performance.now()
  for (;;) {
    const server = await listen(address, () => state)
    if (server !== undefined) {
      // The lock alone is no reason to stay up.
      server.unref()
      return {
        leaving: () => {
          state = 'leaving'
        },
        release: () => new Promise((resolve) => server.close(() => resolve())),
      }
    }
    const holder = await askHolder(address)
    // After a crash the socket's file is still there, but nobody answers.
    if (holder === undefined) fs.rmSync(address, { force: true })
    const patience = holder === 'running' ? RUNNING_WAIT_MS : LEAVING_WAIT_MS
    if (performance.now() - asked > patience) {
      throw new DevhostProblem(
        `npm start is already running with the data in ${dataDir}. Stop that one with Ctrl-C, or choose another folder in YUANLU_DATA.`,
      )
    }
    if (holder !== undefined) await delay(ASK_EVERY_MS)
  }
}

/** Paths of sockets are short (about 100 bytes), so the folder is named by a hash. */
function socketAddress(folder: string): string {
  const name = `yuanlu-${createHash('sha256').update(folder).digest('hex').slice(0, 20)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`)
}

function listen(address: string, state: () => HolderState): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((connection) => {
      connection.on('error', () => connection.destroy())
      connection.end(state())
    })
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () => resolve(server))
  })
}

function askHolder(address: string): Promise<HolderState | undefined> {
  return new Promise((resolve) => {
    const connection = net.connect(address)
    let answer = ''
    connection.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    connection.once('close', (failed) =>
      resolve(failed ? undefined : answer === 'leaving' ? 'leaving' : 'running'),
    )
    connection.once('error', () => connection.destroy())
  })
}
