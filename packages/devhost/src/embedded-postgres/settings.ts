/** @module What has to be remembered between starts, in one file that only its owner can read. */

import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from './error-code.ts'

export interface Settings {
  readonly password: string
  /** The data folder of the server; elsewhere when the server's account cannot reach the wanted one. */
  readonly cluster: string
  /** The port of the last start. It stays the same as long as it is free. */
  readonly port: number | null
  /** The process that started the server, or took it over. */
  readonly ownerPid: number | null
}

const fileIn = (folder: string): string => path.join(folder, 'server.json')

export const readSettings = async (folder: string): Promise<Settings | null> => {
  let text: string
  try {
    text = await readFile(fileIn(folder), 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
  const { password, cluster, port, ownerPid }: Partial<Record<keyof Settings, unknown>> = JSON.parse(text)
  if (typeof password !== 'string' || typeof cluster !== 'string') return null
  return {
    password,
    cluster: path.resolve(folder, cluster),
    port: typeof port === 'number' ? port : null,
    ownerPid: typeof ownerPid === 'number' ? ownerPid : null,
  }
}

/** Written whole or not at all. A data folder beside the file is named relative to it: both can be moved together. */
export const writeSettings = async (folder: string, settings: Settings): Promise<void> => {
  const unfinished = `${fileIn(folder)}.${process.pid}`
  const beside = path.dirname(settings.cluster) === folder
  const stored = { ...settings, cluster: beside ? path.basename(settings.cluster) : settings.cluster }
  await writeFile(unfinished, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 })
  await rename(unfinished, fileIn(folder))
}

/** Letters and digits only: it stands in an address as it is. */
export const newPassword = (): string => randomBytes(24).toString('hex')
