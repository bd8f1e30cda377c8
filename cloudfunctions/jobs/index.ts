/** @module The cloud function that the platform's timer calls, and an operator with the jobs token. */

import { storeDriver } from '@yuanlu/backend/cloudbase'
import { jobsFunction } from '@yuanlu/backend/functions/jobs'

export const { main, useClock } = jobsFunction(storeDriver, { folder: __dirname })
