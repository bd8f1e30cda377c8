/** @module Before the Node tests: one PostgreSQL for all of them, in a temporary folder. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-server.ts'

const PREFIX = 'yuanlu-test-postgres-'

declare global {
  /** Handed to global-teardown.ts; both run in the process that runs jest. */
  var yuanluTestPostgres: { readonly server: EmbeddedPostgres; readonly folder: string } | undefined
}

/** `TEST_DATABASE_URL` names another server, whose user may create databases. */
const setUp = async (): Promise<void> => {
  // Names what this run creates, so that a server of one's own is left as it was found.
  process.env.YUANLU_TEST_RUN = randomBytes(4).toString('hex')
  if (process.env.TEST_DATABASE_URL) return
  await clearAway()
  const folder = await mkdtemp(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`))
  const server = await startEmbeddedPostgres({ dataDir: folder, durability: 'fast' })
  globalThis.yuanluTestPostgres = { server, folder }
  process.env.TEST_DATABASE_URL = server.url
}

/** What a run that was killed has left: its server is taken over, stopped and deleted. */
const clearAway = async (): Promise<void> => {
  for (const name of await readdir(os.tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : 'none')
    if (!Number.isInteger(pid) || isAlive(pid)) continue
    const folder = path.join(os.tmpdir(), name)
    const left = await startEmbeddedPostgres({ dataDir: folder, durability: 'fast' }).catch(() => null)
    await left?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default setUp
