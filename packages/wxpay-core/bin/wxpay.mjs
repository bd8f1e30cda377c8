#!/usr/bin/env node
// Starts the command. In the workspace, where dist may be missing or older than the sources, it is bundled first.
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
// process.getBuiltinModule came with 22.3 and went back to 20 alone.
if (!(major > 22 || (major === 22 && minor >= 3) || (major === 20 && minor >= 19))) {
  fail(`Node.js 20.19, or 22.3 or newer, is needed; this is ${process.versions.node}.`)
}

const home = new URL('../', import.meta.url)
const command = new URL('dist/cli.js', home)
if (existsSync(new URL('src/cli.ts', home))) {
  const { bundleCommand } = await import(new URL('../../scripts/lib/bundle-command.mjs', home).href)
  await bundleCommand(home).catch((error) => fail(error.message))
}
if (!existsSync(command)) fail('dist/cli.js is missing: install the package again.')

const { main } = await import(command.href)
process.exitCode = await main(process.argv.slice(2))

function fail(message) {
  process.stderr.write(`wxpay: ${message}\n`)
  process.exit(1)
}
