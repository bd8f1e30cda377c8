/** @module A command that is told to stop leaves no tool of its running. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const moduleOf = (name: string) =>
  JSON.stringify(new URL(`../../scripts/lib/${name}.mjs`, import.meta.url).href)
const TOOL = `
  process.on('SIGTERM', () => {
    console.log('tool told')
    setTimeout(() => process.exit(), 100)
  })
  setInterval(() => {}, 1_000)
  console.log('tool up ' + process.pid)
`
/** As npm's own: the tool is a child of it, and a signal ends npx alone. */
const NPX = `
  require('node:child_process').spawn(process.execPath, ['--eval', process.env.TOOL], { stdio: 'inherit' })
`
const COMMANDS = {
  'of the workspace': `
    import { runScript } from ${moduleOf('command')}
    const ok = await runScript('--eval', [process.env.TOOL])
    console.log('next step after ' + ok)
  `,
  'that npx fetches': `
    import { runTool } from ${moduleOf('on-demand')}
    const ok = await runTool({ package: 'a-tool@1.0.0', command: 'a-tool', args: ['--now'] })
    console.log('next step after ' + ok)
  `,
}

const started: number[] = []
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
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

/** An npm whose npx is this script. */
const anNpm = (npx: string): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'yuanlu-npm-'))
  folders.push(folder)
  writeFileSync(path.join(folder, 'npx-cli.js'), npx)
  return path.join(folder, 'npm-cli.js')
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

onUnix.each(
  SIGNALS.flatMap((signal) =>
    Object.entries(COMMANDS).map(([which, command]) => [signal, which, command] as const),
  ),
)(
  'told %s, it tells its tool %s, waits for it, begins nothing more, and ends by the same',
  async (signal, _, text) => {
    const command = spawn(process.execPath, ['--input-type=module', '--eval', text], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TOOL, npm_execpath: anNpm(NPX) },
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
