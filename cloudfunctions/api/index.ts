/** @module The cloud function that shoppers and staff call: they are known by a session token. */

import { storeDriver } from '@yuanlu/backend/cloudbase'
import { apiFunction } from '@yuanlu/backend/functions/api'

export const { main, useClock } = apiFunction(storeDriver, { folder: __dirname })
