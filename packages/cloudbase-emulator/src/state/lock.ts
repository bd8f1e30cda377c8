/**
 * @module One emulator per data directory: a lock file that a dead process can't hold.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { EmulatorStartError } from '../start-error.ts'

const heldHere = new Set<string>()

/** Takes the directory, or says who has it. @returns what gives it back. */
export function lockDirectory(dataDir: string): () => void {
  const file = join(dataDir, 'lock')
  const inUse = (pid: string): EmulatorStartError =>
    new EmulatorStartError(
      `--data ${dataDir} is in use by process ${pid}. Stop it, use another directory, or delete ${file} if that process is no emulator.`,
    )
  if (heldHere.has(file)) throw inUse(String(process.pid))
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    const owner = readFileSync(file, 'utf8').trim()
    if (owner !== String(process.pid) && isAlive(Number(owner)) && !lockIsOlderThanBoot(file))
      throw inUse(owner)
    writeFileSync(file, String(process.pid), { mode: 0o600 })
  }
  heldHere.add(file)
  return () => {
    heldHere.delete(file)
    rmSync(file, { force: true })
  }
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
