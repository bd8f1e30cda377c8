/** @module `npm run doctor`: looks at everything that can be looked at from this machine, and says what to do about it. */
import './lib/require-node.mjs'
import path from 'node:path'
import { readEnvironmentFile } from './deploy/environment.mjs'
import { checkProject } from './doctor/project.mjs'
import { readArguments } from './lib/arguments.mjs'
import { bundleProgram } from './lib/bundle.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot } from './lib/root.mjs'
import { bold, complain } from './lib/say.mjs'

const USAGE = `npm run doctor -- [options]
  --env-file <file>   look at these variables instead of this process's own (relative file names in it count from it)
  --functions         they are a cloud function's: its database and its timer are the platform's
  --json              print the findings as JSON`

const SIGNS = { ok: '✓', warning: '!', failed: '✗', skipped: '-' }

try {
  const {
    'env-file': envFile,
    functions = false,
    json = false,
  } = readArguments(
    { 'env-file': { type: 'string' }, functions: { type: 'boolean' }, json: { type: 'boolean' } },
    USAGE,
  )
  await ensureInstalled('run', { to: process.stderr })
  const env = environment(envFile, functions)
  const { diagnose } = await import(
    (await bundleProgram({ entry: 'packages/backend/src/doctor/diagnose.ts', name: 'doctor' })).href
  )
  /** @type {import('../packages/backend/src/doctor/finding.ts').Finding[]} */
  const findings = []
  const onFinding = (/** @type {import('../packages/backend/src/doctor/finding.ts').Finding} */ finding) => {
    findings.push(finding)
    if (!json) print(finding)
  }
  for (const finding of checkProject(env)) onFinding(finding)
  await diagnose({ env, onFinding })
  const bad = findings.filter(({ verdict }) => verdict === 'failed').length
  if (json) console.log(JSON.stringify({ findings }, null, 2))
  else
    console.log(
      bad === 0
        ? '\nNothing stands in the way of a payment that could be seen from here.'
        : `\n${bad} of ${findings.length} findings stand in the way of payments or refunds.`,
    )
  process.exitCode = bad === 0 ? 0 : 1
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/**
 * @param {string | undefined} file
 * @param {boolean} functions
 * @returns {Record<string, string | undefined>}
 */
function environment(file, functions) {
  const added = functions
    ? { STORE: process.env.STORE ?? 'cloudbase', JOBS: 'off', TENCENTCLOUD_RUNENV: 'SCF' }
    : {}
  if (file === undefined) return { ...process.env, ...added }
  const absolute = path.resolve(inRoot(), file)
  const read = Object.entries(readEnvironmentFile(absolute)).map(([name, value]) => [
    name,
    name.endsWith('_FILE') && value !== '' ? path.resolve(path.dirname(absolute), value) : value,
  ])
  return { ...added, ...Object.fromEntries(read) }
}

/** @param {import('../packages/backend/src/doctor/finding.ts').Finding} finding */
function print({ about, verdict, found, advice }) {
  console.log(`${SIGNS[verdict]} ${bold(about)}: ${found}`)
  if (advice !== undefined) console.log(`    ${advice}`)
}
