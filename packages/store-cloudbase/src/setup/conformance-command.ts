/** @module `npm run conformance`: the store suite on a real environment, on collections of its own. */
import { parseArgs } from 'node:util'
import { DEFAULT_PREFIX } from '../collections.ts'
import { StoreUnavailableError } from '../failure.ts'
import { countAll, emptyAll, openForTrial } from './empty.ts'
import { IndexDiffersError, NOTHING, openEnvironment, stepsFor, wordsOfStep } from './shape.ts'
import { TencentApiError, tencentApi } from './tencent-api.ts'

const TRIAL_PREFIX = 'conformance_'

export const USAGE = `npm run conformance -- --env <environment id> [options]

  --env <id>            the environment (环境 ID), one for trials
  --dry-run             say what would be done, and change nothing
  --prefix <text>       before the names of the collections it uses (default ${TRIAL_PREFIX})
  --only <text>         only tests whose names hold this
  --empty               take away what an earlier run left in those collections
  --region <name>       default: TENCENTCLOUD_REGION, else ap-shanghai
  --service-url <url>   an emulator instead of the cloud; its collections have to be there

Runs the tests that every store of the shop has to pass. They write, and they empty the collections they use after
every test. Credentials come from TENCENTCLOUD_SECRETID, TENCENTCLOUD_SECRETKEY and TENCENTCLOUD_SESSIONTOKEN.`

/** What the suite is told, as environment variables. */
export interface SuiteTarget {
  readonly CONFORMANCE_ENV: string
  readonly CONFORMANCE_PREFIX: string
  readonly CONFORMANCE_SERVICE_URL: string
  readonly TENCENTCLOUD_REGION: string
}

export interface SuiteRun {
  readonly target: SuiteTarget
  readonly only: string | null
}

export interface ConformanceInput {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly sleep: (ms: number) => Promise<void>
  /** Runs the suite; answers its exit code. */
  readonly runSuite: (run: SuiteRun) => Promise<number>
  /** Another address of Tencent Cloud's API. */
  readonly endpoint?: string
}

/** Answers the exit code. */
export const conformanceCommand = async (input: ConformanceInput): Promise<number> => {
  const { args, environment, say } = input
  let options: ReturnType<typeof read>
  try {
    options = read(args)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  const { env, serviceUrl, dryRun } = options
  const prefix = options.prefix ?? TRIAL_PREFIX
  if (env === undefined) {
    say(USAGE)
    return 2
  }
  if (prefix === DEFAULT_PREFIX || prefix === '') {
    say(
      `The prefix ${prefix || '""'} is the shop's own: its collections would be emptied. Choose another one.`,
    )
    return 2
  }
  const secretId = environment.TENCENTCLOUD_SECRETID ?? ''
  const secretKey = environment.TENCENTCLOUD_SECRETKEY ?? ''
  const sessionToken = environment.TENCENTCLOUD_SESSIONTOKEN
  const credentials = { secretId, secretKey, ...(sessionToken ? { sessionToken } : {}) }
  const region = options.region ?? environment.TENCENTCLOUD_REGION ?? 'ap-shanghai'
  if (secretId === '' || secretKey === '') {
    if (!dryRun) {
      say('Set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY (云 API 密钥), or add --dry-run.')
      return 2
    }
    say(`Without credentials nobody looked at ${env}. In an empty environment this would be made:`)
    for (const step of stepsFor(prefix, NOTHING)) say(`  ${wordsOfStep(step)}`)
    say(planned(prefix))
    return 0
  }
  const cloud = { env, ...credentials, ...(serviceUrl === undefined ? {} : { serviceUrl }) }
  try {
    const shop = await countAll(await openForTrial(cloud, DEFAULT_PREFIX))
    if (shop > 0 && options.prefix === undefined) {
      say(
        `${env} holds a shop (${shop} documents in ${DEFAULT_PREFIX}*). Use an environment for trials, or name the collections to use with --prefix.`,
      )
      return 1
    }
    const trial = await openForTrial(cloud, prefix)
    const left = await countAll(trial)
    if (left > 0 && !options.empty) {
      say(
        `${prefix}* of ${env} holds ${left} documents. If they may go, add --empty; else choose another --prefix.`,
      )
      return 1
    }
    const api = tencentApi({
      credentials,
      region,
      ...(input.endpoint === undefined ? {} : { endpoint: input.endpoint }),
    })
    const made = serviceUrl === undefined ? await openEnvironment(api, env, input.sleep) : null
    const steps = made === null ? [] : stepsFor(prefix, await made.look(prefix))
    if (steps.length > 0) say(dryRun ? `${env} would get:` : `${env} gets:`)
    for (const step of steps) {
      if (!dryRun) await made?.make(step)
      say(`  ${wordsOfStep(step)}`)
    }
    if (left > 0) say(`${left} documents of an earlier run ${dryRun ? 'would be' : 'are'} taken away.`)
    say(planned(prefix))
    if (dryRun) return 0
    if (left > 0) await emptyAll(trial)
    const target = {
      CONFORMANCE_ENV: env,
      CONFORMANCE_PREFIX: prefix,
      CONFORMANCE_SERVICE_URL: serviceUrl ?? '',
      TENCENTCLOUD_REGION: region,
    }
    const code = await input.runSuite({ target, only: options.only ?? null })
    await emptyAll(trial)
    say(`The collections ${prefix}* are empty again; they and their indexes may stay for the next run.`)
    return code
  } catch (error) {
    const expected =
      error instanceof TencentApiError ||
      error instanceof IndexDiffersError ||
      error instanceof StoreUnavailableError
    if (!expected) throw error
    say(error.message)
    return 1
  }
}

const planned = (prefix: string): string =>
  `Then tests/store/store-suite.ts runs on ${prefix}*, and empties these collections after every test.`

const read = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      env: { type: 'string' },
      prefix: { type: 'string' },
      region: { type: 'string' },
      'service-url': { type: 'string' },
      only: { type: 'string' },
      empty: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
    },
  })
  return { ...values, serviceUrl: values['service-url'], dryRun: values['dry-run'] }
}
