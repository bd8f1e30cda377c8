/** @module The cloud function that WeChat Pay calls: it is known by its signature over the raw bytes. */

import { wxpayNotifyFunction } from '@yuanlu/backend/functions/wxpay-notify'
import { storeDriver } from '@yuanlu/backend/postgres'

export const { main, useClock } = wxpayNotifyFunction(storeDriver)
