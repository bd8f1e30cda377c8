/** @module A command that is told to stop leaves no tool of its running. */
import { spawn } from 'node:child_process'

const MODULE = new URL('../../scripts/lib/command.mjs', import.meta.url).href
const TOOL = `
  process.on('SIGTERM', () => {
    console.log('tool told')
    setTimeout(() => process.exit(), 100)
  })
  setInterval(() => {}, 1_000)
  console.log('tool up ' + process.pid)
`
const COMMAND = `
  import { runScript } from ${JSON.stringify(MODULE)}
  const ok = await runScript('--eval', [process.env.TOOL])
  console.log('next step after ' + ok)
`

const started: number[] = []
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const onUnix = process.platform === 'win32' ? test.skip : test

onUnix.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'told %s, it tells its tool, waits for it, begins nothing more, and ends by the same',
  async (signal) => {
    const command = spawn(process.execPath, ['--input-type=module', '--eval', COMMAND], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TOOL },
    })
    started.push(command.pid ?? Number.NaN)
    let said = ''
    command.stdout.setEncoding('utf8').on('data', (text: string) => {
      const pid = /tool up (\d+)/.exec(text)?.[1]
      if (pid === undefined) said += text
      else {
        started.push(Number(pid))
        command.kill(signal)
      }
    })
    const ended = await new Promise((resolve) => command.once('close', (_code, by) => resolve(by)))
    expect([ended, said.trim().split('\n')]).toEqual([signal, ['tool told']])
  },
  20_000,
)
