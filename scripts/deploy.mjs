/** @module `npm run deploy`: sends the cloud functions to a WeChat cloud environment, or prints exactly what it would send. */
import './lib/require-node.mjs'
import fs from 'node:fs'
import path from 'node:path'
import { functionEnvironment, leftOut, readEnvironmentFile, shown } from './deploy/environment.mjs'
import { planDeployment, stage } from './deploy/plan.mjs'
import { readArguments } from './lib/arguments.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { asShown, CLOUDBASE_CLI, runTool } from './lib/on-demand.mjs'
import { inRoot } from './lib/root.mjs'
import { complain, heading, kilobytes } from './lib/say.mjs'

const USAGE = `npm run deploy -- --env <environment id> [options]
  --env <id>          the cloud environment (云开发环境 ID)
  --env-file <file>   the variables of the functions (default .env.production; see docs/deploy/env.example)
  --store <store>     cloudbase (default) or postgres
  --built <folder>    where npm run build put the functions
  --dry-run           print what would be sent, and send nothing`

const STAGED = inRoot('dist', 'deploy')
const BUILT = { cloudbase: 'dist/cloudfunctions', postgres: 'dist/cloudfunctions-postgres' }

/** What one `tcb` command does, in the order in which they run. */
const commandsFor = (/** @type {import('./deploy/plan.mjs').Plan} */ plan, /** @type {string} */ folder) => {
  const tcb = (/** @type {string[]} */ ...args) => ({
    package: CLOUDBASE_CLI,
    command: 'tcb',
    args: [...args, '-e', plan.envId],
  })
  const settings = path.join(folder, 'cloudbaserc.json')
  return [
    ...plan.functions.map(({ name }) => ({
      what: `function ${name}`,
      tool: tcb('--config-file', settings, 'fn', 'deploy', name, '--force', '--yes'),
      required: true,
    })),
    ...plan.functions.flatMap(({ name, paths }) =>
      paths.map((route) => ({
        what: `path ${route} to ${name}`,
        tool: tcb('service', 'create', '-p', route, '-f', name),
        // Refused when the path is there already, from an earlier deployment.
        required: false,
      })),
    ),
  ]
}

/** @param {import('./deploy/plan.mjs').Plan} plan */
const print = (plan) => {
  for (const { name, runtime, handler, timeout, memorySize, triggers = [], files, paths } of plan.functions) {
    heading(name)
    console.log(`${runtime}, ${handler}, ${timeout} s, ${memorySize} MB`)
    for (const trigger of triggers)
      console.log(`${trigger.type} ${trigger.name}: ${trigger.config} (Asia/Shanghai)`)
    console.log(`answers ${paths.map((route) => `${route}${route === '/' ? '' : '/'}…`).join(', ')}`)
    for (const file of files)
      console.log(
        `  ${file.name.padEnd(32)} ${kilobytes(file.bytes.length).padStart(9)}  ${
          file.secret ? '(a key: its content is never shown)' : `sha256 ${file.sha256.slice(0, 16)}`
        }`,
      )
  }
  heading('variables of every function')
  for (const [name, value] of Object.entries(plan.variables).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${name}=${shown(name, value)}`)
}

/**
 * The server's own reading of the variables, so that a mistake is found here and not in a log.
 *
 * @param {Record<string, string>} variables
 * @param {string} folder where the key files lie as the function will see them
 */
const check = async (variables, folder) => {
  const { readConfig } = await import(
    (await bundleProgram({ entry: 'packages/backend/src/config.ts', name: 'config' })).href
  )
  const files = Object.entries(variables).map(([name, value]) => [
    name,
    name.endsWith('_FILE') ? path.join(folder, value) : value,
  ])
  readConfig({ ...Object.fromEntries(files), TENCENTCLOUD_RUNENV: 'SCF' })
}

// Keys lie in it while it is sent: they go with this process, however it ends.
const clear = () => fs.rmSync(STAGED, { recursive: true, force: true })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    clear()
    process.exit(1)
  })

try {
  const {
    env: envId,
    'env-file': envFile = '.env.production',
    store = 'cloudbase',
    built,
    'dry-run': dryRun = false,
  } = readArguments(
    {
      env: { type: 'string' },
      'env-file': { type: 'string' },
      store: { type: 'string' },
      built: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
    USAGE,
  )
  if (envId === undefined) throw new Error(`--env is missing: which cloud environment?\n\n${USAGE}`)
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{1,63}$/.test(envId)) throw new Error('--env is no environment id.')
  if (store !== 'cloudbase' && store !== 'postgres')
    throw new Error(`--store must be cloudbase or postgres.\n\n${USAGE}`)
  await ensureInstalled('run')
  const file = path.resolve(inRoot(), envFile)
  const env = readEnvironmentFile(file)
  const plan = planDeployment({
    envId,
    settingsFile: inRoot('cloudbaserc.json'),
    builtFolder: path.resolve(inRoot(), built ?? BUILT[store]),
    environment: functionEnvironment(env, { store, folder: path.dirname(file) }),
  })
  stage(plan, STAGED)
  await check(plan.variables, path.join(STAGED, 'functions', plan.functions[0]?.name ?? ''))
  print(plan)
  const ignored = leftOut(env)
  if (ignored.length > 0)
    console.log(`\nNot sent, because a function has no use for it: ${ignored.join(', ')}`)
  const commands = commandsFor(plan, path.relative(inRoot(), STAGED))
  heading(dryRun ? 'would run' : 'running')
  if (dryRun) {
    for (const { tool } of commands) console.log(asShown(tool))
    console.log('\nNothing was sent.')
  } else {
    for (const { what, tool, required } of commands) {
      console.log(`${what} …`)
      const done = await runTool(tool)
      if (done) continue
      if (required)
        throw new Error(
          `${what} was not deployed; what came before it was. Log in with npx -y -p ${CLOUDBASE_CLI} tcb login and run the same command again.`,
        )
      console.log(`${what}: not created. If the path is there already, that is as it should be.`)
    }
    console.log('\nDeployed. npm run doctor looks at it from outside.')
  }
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
} finally {
  clear()
}
