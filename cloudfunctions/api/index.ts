/** @module The cloud function that shoppers and staff call: they are known by a session token. */

import { apiFunction } from '@yuanlu/backend/functions/api'
import { storeDriver } from '@yuanlu/backend/postgres'

export const { main, useClock } = apiFunction(storeDriver)
