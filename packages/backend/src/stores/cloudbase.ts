/** @module The backend's driver of WeChat cloud's document database. */
import { CloudbaseSetupError, createCloudbaseStore, StoreUnavailableError } from '@yuanlu/store-cloudbase'
import type { StoreDriver } from '../store-driver.ts'

export { COLLECTIONS, DEFAULT_PREFIX, INDEXES } from '@yuanlu/store-cloudbase'

export const storeDriver: StoreDriver = {
  kind: 'cloudbase',
  open: async (config, { log, clock }) => {
    if (config.kind !== 'cloudbase')
      throw new Error(`the driver of the cloud database was asked to open ${config.kind}`)
    const { outside } = config
    const cloud =
      outside === null ? {} : { env: outside.envId, secretId: outside.secretId, secretKey: outside.secretKey }
    return createCloudbaseStore({ cloud, log, now: clock })
  },
  // A collection that is not there is mended by an operator, and the log names the command: nothing of ours is wrong.
  isUnavailable: (error) => error instanceof StoreUnavailableError || error instanceof CloudbaseSetupError,
}
