/** @module `npm run cloudbase:indexes`: makes the collections and indexes that the store needs, and only those missing. */
import { parseArgs } from 'node:util'
import { DEFAULT_PREFIX } from '../collections.ts'
import { IndexDiffersError, NOTHING, openEnvironment, stepsFor, wordsOfStep } from './shape.ts'
import { TencentApiError, tencentApi } from './tencent-api.ts'

export const USAGE = `npm run cloudbase:indexes -- --env <environment id> [options]

  --env <id>         the environment (环境 ID)
  --dry-run          say what would be made, and make nothing
  --prefix <text>    before every collection's name (default ${DEFAULT_PREFIX})
  --region <name>    default: TENCENTCLOUD_REGION, else ap-shanghai
  --endpoint <url>   another address of Tencent Cloud's API

Credentials come from TENCENTCLOUD_SECRETID, TENCENTCLOUD_SECRETKEY and, where they are temporary,
TENCENTCLOUD_SESSIONTOKEN. A dry run without them lists everything that the store needs.`

export interface CommandInput {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly sleep: (ms: number) => Promise<void>
}

/** Answers the exit code. */
export const indexesCommand = async ({ args, environment, say, sleep }: CommandInput): Promise<number> => {
  let options: ReturnType<typeof read>
  try {
    options = read(args)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  const { env, prefix, dryRun, endpoint } = options
  if (env === undefined) {
    say(USAGE)
    return 2
  }
  const secretId = environment.TENCENTCLOUD_SECRETID ?? ''
  const secretKey = environment.TENCENTCLOUD_SECRETKEY ?? ''
  const sessionToken = environment.TENCENTCLOUD_SESSIONTOKEN
  if (secretId === '' || secretKey === '') {
    if (!dryRun) {
      say('Set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY (云 API 密钥), or add --dry-run.')
      return 2
    }
    say(`Without credentials nobody looked at ${env}. An empty environment would get:`)
    for (const step of stepsFor(prefix, NOTHING)) say(`  ${wordsOfStep(step)}`)
    return 0
  }
  const region = options.region ?? environment.TENCENTCLOUD_REGION ?? 'ap-shanghai'
  const credentials = { secretId, secretKey, ...(sessionToken ? { sessionToken } : {}) }
  try {
    const api = tencentApi({ credentials, region, ...(endpoint === undefined ? {} : { endpoint }) })
    const cloud = await openEnvironment(api, env, sleep)
    const steps = stepsFor(prefix, await cloud.look(prefix))
    if (steps.length === 0) say(`${env} has all that the store needs.`)
    else say(dryRun ? `${env} would get:` : `${env} gets:`)
    for (const step of steps) {
      if (!dryRun) await cloud.make(step)
      say(`  ${wordsOfStep(step)}`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof TencentApiError || error instanceof IndexDiffersError)) throw error
    say(error.message)
    return 1
  }
}

const read = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      env: { type: 'string' },
      prefix: { type: 'string', default: DEFAULT_PREFIX },
      region: { type: 'string' },
      endpoint: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    },
  })
  return { ...values, dryRun: values['dry-run'] }
}
