/** @module Before the Node tests: one PostgreSQL for all of them, in a temporary folder. */
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { deleteEmbeddedPostgres, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-server.ts'

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
  // Where root runs the tests, the server's own account has to reach it. What is inside stays closed.
  await chmod(folder, 0o755)
  stopWithThisRun(folder)
  const server = await startEmbeddedPostgres({ dataDir: folder, durability: 'fast' })
  globalThis.yuanluTestPostgres = { server, folder }
  process.env.TEST_DATABASE_URL = server.url
}

/** A run that is told to stop takes its server along. Told a second time, it does not wait for that. */
const stopWithThisRun = (folder: string): void => {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, async () => {
      // Ctrl-C reaches a whole group of processes, and the one above passes it on as well.
      if (isStopping) return
      isStopping = true
      await deleteEmbeddedPostgres({ dataDir: folder }).catch(() => {})
      process.kill(process.pid, signal)
    })
}

/** What a run that was killed has left: its server is stopped and its folder deleted. */
const clearAway = async (): Promise<void> => {
  for (const name of await readdir(os.tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : 'none')
    if (!Number.isInteger(pid) || isAlive(pid)) continue
    const folder = path.join(os.tmpdir(), name)
    // A twin may be clearing away the same; whatever is in the way, these tests can run without it.
    await deleteEmbeddedPostgres({ dataDir: folder }).catch(() => {})
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
