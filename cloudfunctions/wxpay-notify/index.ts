/** @module The cloud function that WeChat Pay calls: it is known by its signature over the raw bytes. */

import { storeDriver } from '@yuanlu/backend/cloudbase'
import { wxpayNotifyFunction } from '@yuanlu/backend/functions/wxpay-notify'

export const { main, useClock } = wxpayNotifyFunction(storeDriver, { folder: __dirname })
