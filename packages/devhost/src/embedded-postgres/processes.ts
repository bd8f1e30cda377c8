/** @module Looking at processes and ports: who is alive, who is a PostgreSQL. */

import { readFile } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { hasCode } from './error-code.ts'
import { run } from './run.ts'

/** What a running server writes into its data folder. */
export interface PidFile {
  readonly pid: number
  readonly port: number
  readonly status: string
}

export const readPidFile = async (cluster: string): Promise<PidFile | null> => {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => null)
  if (text === null) return null
  // pid, data folder, start time, port, socket folder, address, shared memory key, status
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (!Number.isInteger(pid) || pid <= 0) return null
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || 0, status: lines[7] ?? '' }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return hasCode(error, 'EPERM')
  }
}

/** False when the number was given to another program since: the pid file is left over from a crash. */
export const isPostgres = async (pid: number): Promise<boolean> => {
  try {
    return /postgres/i.test(await commandOf(pid))
  } catch {
    // Nobody can tell here; assuming a server is the side on which no data is lost.
    return true
  }
}

const commandOf = async (pid: number): Promise<string> => {
  if (process.platform === 'win32')
    return (await run('tasklist', ['/FI', `PID eq ${pid}`, '/NH', '/FO', 'CSV'])).output
  if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8')
  return (await run('ps', ['-p', String(pid), '-o', 'command='])).output
}

/** Whether something that speaks PostgreSQL's protocol listens on this port of this machine. */
export const answersAsPostgres = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2_000, () => end(false))
    socket.on('error', () => end(false))
    // SSLRequest: eight bytes, answered by one letter, before anybody signs in.
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])))
    socket.on('data', (data) => end(data[0] === 0x4e || data[0] === 0x53))
    socket.on('close', () => end(false))
  })
