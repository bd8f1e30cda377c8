/** @module The store suite on a cloud that is not ours to reset. Run by `npm run conformance`, never by `npm test`. */
import { createCloudbaseStore } from '@yuanlu/store-cloudbase'
import type * as empty from '../../packages/store-cloudbase/src/setup/empty.ts'
import { describeStore } from '../store/store-suite.ts'

const { emptyAll, openForTrial } = jest.requireActual<typeof empty>(
  '../../packages/store-cloudbase/src/setup/empty.ts',
)

// Each call is a request over a real network, and the larger tests make thousands of them.
jest.setTimeout(600_000)

const named = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run npm run conformance`)
  return value
}

/** The suite asks for far more at once than a shop: a small plan says "too many", and has to be waited for. */
const patiently = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms * 20))

describeStore('a cloud environment', async () => {
  const serviceUrl = named('CONFORMANCE_SERVICE_URL')
  const collectionPrefix = named('CONFORMANCE_PREFIX')
  const cloud = { env: named('CONFORMANCE_ENV'), ...(serviceUrl === '' ? {} : { serviceUrl }) }
  const store = await createCloudbaseStore({ cloud, collectionPrefix, sleep: patiently })
  return {
    store,
    async dispose() {
      await store.close()
      await emptyAll(await openForTrial(cloud, collectionPrefix))
    },
  }
})
