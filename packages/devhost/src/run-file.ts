/** @module `run.json`: where a running stack is, for other tools. There while it runs, gone when it has stopped. */
import fs from 'node:fs'

export interface RunInfo {
  readonly pid: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly apiUrl: string
  readonly previewUrl: string
  readonly consoleUrl: string
  readonly sandboxFile: string
  readonly jobsTokenFile: string
  /** Which database, and where it is: a PostgreSQL address, or that of the local stand-in for WeChat cloud. */
  readonly store: 'postgres' | 'cloudbase'
  readonly databaseUrl: string
  readonly runsAs: 'server' | 'functions'
}

/** Written whole: a tool that waits for the file never reads half of it. Holds a password, so it is this user's alone. */
export function writeRunFile(file: string, info: RunInfo): void {
  const temporary = `${file}.new`
  fs.writeFileSync(temporary, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 })
  fs.renameSync(temporary, file)
}

export function removeRunFile(file: string): void {
  fs.rmSync(file, { force: true })
}
