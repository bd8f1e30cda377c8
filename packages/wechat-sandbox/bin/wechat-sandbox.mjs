#!/usr/bin/env node
// Starts the command. In the workspace, where dist may be missing or older than the sources, it is bundled first.
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`)
}

const home = new URL('../', import.meta.url)
const command = new URL('dist/cli.js', home)
if (existsSync(new URL('src/cli.ts', home))) {
  const { bundleCommand } = await import(new URL('../../scripts/lib/bundle-command.mjs', home).href)
  await bundleCommand(home).catch((error) => fail(error.message))
}
if (!existsSync(command)) fail('dist/cli.js is missing: install the package again.')

endWithNpx()
const { main } = await import(command.href)
process.exitCode = await main(process.argv.slice(2))

// npx passes a signal on to a shell between it and this process, and the shell dies of it alone. A process whose parent
// has died has another one, so it can tell, and ends as if it had been told itself. Windows gives it no other parent.
function endWithNpx() {
  if (process.env.npm_command === undefined || process.platform === 'win32') return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

function fail(message) {
  process.stderr.write(`wechat-sandbox: ${message}\n`)
  process.exit(1)
}
