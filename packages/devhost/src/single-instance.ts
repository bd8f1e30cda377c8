/** @module One running stack per data folder, by a lock that no crash can leave behind. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { DevhostProblem } from './problem.ts'

export interface InstanceLock {
  release(): Promise<void>
}

/**
 * Takes the data folder for this process. The lock is a local socket: the system closes it when its process ends, however
 * it ends, which a file with a process number in it cannot promise.
 *
 * @throws DevhostProblem when another process has it
 */
export async function lockDataFolder(dataDir: string): Promise<InstanceLock> {
  fs.mkdirSync(dataDir, { recursive: true })
  const address = socketAddress(fs.realpathSync(dataDir))
  const server = (await listen(address)) ?? (await takeOver(address))
  if (server === undefined) {
    throw new DevhostProblem(
      `npm start is already running with the data in ${dataDir}. Stop that one with Ctrl-C, or choose another folder in YUANLU_DATA.`,
    )
  }
  // The lock alone is no reason to stay up.
  server.unref()
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** Paths of sockets are short (about 100 bytes), so the folder is named by a hash. */
function socketAddress(folder: string): string {
  const name = `yuanlu-${createHash('sha256').update(folder).digest('hex').slice(0, 20)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`)
}

function listen(address: string): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(address, () => resolve(server))
  })
}

/** After a crash the socket's file is still there, but nobody answers. */
async function takeOver(address: string): Promise<net.Server | undefined> {
  if (await answers(address)) return undefined
  fs.rmSync(address, { force: true })
  return listen(address)
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(address)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', () => resolve(false))
  })
}
