/** @module The cloud function that the platform's timer calls, and an operator with the jobs token. */

import { jobsFunction } from '@yuanlu/backend/functions/jobs'
import { storeDriver } from '@yuanlu/backend/postgres'

export const { main, useClock } = jobsFunction(storeDriver)
