/**
 * @module One sandbox per data directory: a lock file that a dead process can't hold.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { SandboxStartError } from '../start-error.ts'

const heldHere = new Set<string>()

/** Far longer than a start stands in the gate; one that was killed there is forgotten after it. */
const GATE_LIVES_MS = 10_000

/** Takes the directory, or says who has it. @returns what gives it back. */
export function lockDirectory(dataDir: string): () => void {
  const file = join(dataDir, 'lock')
  const inUse = (by: string): SandboxStartError =>
    new SandboxStartError(
      `--data ${dataDir} is in use by ${by}. Stop it, use another directory, or delete ${file} if that process is no sandbox.`,
    )
  if (heldHere.has(file)) throw inUse(`process ${process.pid}`)
  // Looking who has it and taking it are two steps: of two starts at once only one may be between them.
  const leave = enterGate(`${file}.gate`)
  if (leave === undefined) throw inUse('another start')
  try {
    const owner = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
    if (owner !== String(process.pid) && isAlive(Number(owner)) && !lockIsOlderThanBoot(file))
      throw inUse(`process ${owner}`)
    writeFileSync(file, String(process.pid), { mode: 0o600 })
  } finally {
    leave()
  }
  heldHere.add(file)
  return () => {
    heldHere.delete(file)
    rmSync(file, { force: true })
  }
}

/** A directory is made by one process only. */
function enterGate(gate: string): (() => void) | undefined {
  const leave = (): void => rmdirSync(gate)
  for (const isLast of [false, true]) {
    try {
      mkdirSync(gate)
      return leave
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      if (isLast || Date.now() - statSync(gate).mtimeMs < GATE_LIVES_MS) return undefined
      leave()
    }
  }
  return undefined
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

// In a container whose first process collects no children, a killed one keeps its number for ever.
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

// After a reboot the number in the file may belong to any process.
function lockIsOlderThanBoot(file: string): boolean {
  return statSync(file).mtimeMs < Date.now() - uptime() * 1000
}

export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
