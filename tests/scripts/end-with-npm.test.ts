/** @module A command that npm started does not outlive npm. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const MODULE = new URL('../../scripts/lib/end-with-npm.mjs', import.meta.url).href
const COMMAND = `
  import { endWithNpm } from ${JSON.stringify(MODULE)}
  endWithNpm()
  let told = 0
  process.on('SIGTERM', () => {
    told += 1
    console.log('told ' + told)
    setTimeout(() => process.exit(), 700)
  })
  setInterval(() => {}, 1_000)
  console.log('up ' + process.pid)
`
const STARTER = `
  const { spawn } = require('node:child_process')
  spawn(process.execPath, ['--input-type=module', '--eval', process.env.COMMAND], { stdio: ['ignore', 'inherit', 'inherit'] })
  setInterval(() => {}, 1_000)
`

/** Starts a command as npm does: with a process in between, which dies alone. Answers what the command said until its end. */
const runUnderStarter = async (
  stop: (starter: ChildProcess, commandPid: number) => void,
): Promise<string[]> => {
  const starter = spawn(process.execPath, ['--eval', STARTER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, COMMAND, npm_lifecycle_event: 'start' },
  })
  let said = ''
  starter.stdout.setEncoding('utf8').on('data', (text: string) => {
    const pid = /up (\d+)/.exec(text)?.[1]
    if (pid === undefined) said += text
    else stop(starter, Number(pid))
  })
  // The pipe is the command's as well: it closes when both have ended.
  await once(starter.stdout, 'close')
  return said.trim().split('\n')
}

const onUnix = process.platform === 'win32' ? test.skip : test

onUnix(
  'it is told to stop when npm is killed',
  async () => {
    expect(await runUnderStarter((starter) => starter.kill('SIGKILL'))).toEqual(['told 1'])
  },
  20_000,
)

onUnix(
  'it is told once when it and npm are stopped together',
  async () => {
    const said = await runUnderStarter((starter, commandPid) => {
      process.kill(commandPid, 'SIGTERM')
      starter.kill('SIGKILL')
    })
    expect(said).toEqual(['told 1'])
  },
  20_000,
)
