/** @module Under which account the server runs: PostgreSQL refuses root. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { EmbeddedPostgresError, OR_OWN_SERVER } from './problem.ts'
import { type Account, run } from './run.ts'

/** Null for a normal user. For root: the account `postgres`, which is made when it is not there. */
export const serverAccount = async (): Promise<Account> => {
  if (process.getuid?.() !== 0) return null
  // `_postgres` comes with macOS.
  const there = (await accountOf('postgres')) ?? (await accountOf('_postgres'))
  if (there !== null) return there
  // PostgreSQL looks its account up by name, so a bare number would not do.
  await run('groupadd', ['--system', 'postgres']).catch(() => undefined)
  await run('useradd', [
    '--system',
    '--gid',
    'postgres',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]).catch(() => undefined)
  const made = await accountOf('postgres')
  if (made !== null) return made
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and no account "postgres" could be made here. Start as a normal user, ${OR_OWN_SERVER}.`,
  )
}

const accountOf = async (name: string): Promise<Account> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    if (uid.code !== 0 || gid.code !== 0) return null
    return { uid: Number.parseInt(uid.output, 10), gid: Number.parseInt(gid.output, 10) }
  } catch {
    return null
  }
}

/** Whether every user may walk down to this folder: a home of mode 0700 on the way stops the server. */
export const isReachableByAll = async (folder: string): Promise<boolean> => {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { mode } = await stat(at)
    if ((mode & 0o001) === 0) return false
    if (path.dirname(at) === at) return true
  }
}
