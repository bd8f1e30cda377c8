/** @module One start at a time per folder: two would both find it empty and both fill it. */

import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode } from './error-code.ts'
import { EmbeddedPostgresError } from './problem.ts'
import { isAlive } from './processes.ts'

const WAIT_MS = 50
const GIVE_UP_AFTER_MS = 120_000

export const withStartLock = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const file = path.join(folder, 'starting.lock')
  for (let waited = 0; !(await take(file)); waited += WAIT_MS) {
    if (waited >= GIVE_UP_AFTER_MS)
      throw new EmbeddedPostgresError(
        `Another start is still busy with ${folder}. End it, or delete ${file}.`,
      )
    await delay(WAIT_MS)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

const take = async (file: string): Promise<boolean> => {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
  const holder = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)
  // Its process was killed in the middle of a start. An empty file is one that is being written.
  if (Number.isInteger(holder) && !isAlive(holder)) await rm(file, { force: true })
  return false
}
