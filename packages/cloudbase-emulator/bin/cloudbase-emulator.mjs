#!/usr/bin/env node
// Starts the command. In the workspace, where dist may be missing or older than the sources, it is bundled first.
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`)
}

const source = fileURLToPath(new URL('../src/', import.meta.url))
const entry = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const built = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

if (existsSync(entry) && (!existsSync(built) || statSync(built).mtimeMs < newestIn(source))) await bundle()
if (!existsSync(built))
  fail('dist/cli.js is missing: the package was not built. Run its build, or install it again.')

endWithNpx()
const { main } = await import(new URL('../dist/cli.js', import.meta.url).href)
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

async function bundle() {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (esbuild === undefined) {
    fail(
      'the sources are newer than dist, and esbuild is not installed to bundle them. Run npm install in the repository.',
    )
  }
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    write: false,
    logLevel: 'error',
  })
  // An emulator that is up for days needs no compiler beside it.
  await esbuild.stop()
  mkdirSync(dist, { recursive: true })
  // Renamed into place, so that two starts at once never run half a file.
  const draft = `${built}.${process.pid}.tmp`
  writeFileSync(draft, outputFiles[0].contents)
  renameSync(draft, built)
}

function newestIn(directory) {
  return Math.max(
    ...readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((file) => file.isFile())
      .map((file) => statSync(`${file.parentPath ?? file.path}/${file.name}`).mtimeMs),
  )
}

function fail(message) {
  process.stderr.write(`cloudbase-emulator: ${message}\n`)
  process.exit(1)
}
