/** @module The database, looked at and left as it is. */
import { inspectDatabase } from '@yuanlu/store-postgres'
import type { StoreConfig } from '../config.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

const ABOUT = 'database'

export const checkDatabase = async (config: StoreConfig): Promise<Finding> => {
  if (config.kind === 'cloudbase')
    return {
      about: ABOUT,
      verdict: 'skipped',
      found: 'a cloud database is reached by its functions alone',
      advice:
        'the finding about the public address tells whether they reach it; npm run conformance tries it out',
    }
  try {
    const { encoding, missingSteps } = await inspectDatabase(config.databaseUrl)
    if (encoding !== 'UTF8')
      return failed(ABOUT, `it is encoded as ${encoding}`, "create one with ENCODING 'UTF8'")
    if (missingSteps.length > 0)
      return warning(
        ABOUT,
        `reachable; ${missingSteps.length} steps of its tables are missing`,
        'the next start of the backend makes them',
      )
    return ok(ABOUT, 'reachable, its tables are up to date')
  } catch (error) {
    return failed(ABOUT, error instanceof Error ? error.message : 'unreachable', 'correct DATABASE_URL')
  }
}
