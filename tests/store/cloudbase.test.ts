/** @module The store suite on WeChat cloud's database: the real SDK against the emulator. */
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { describeStore } from './store-suite.ts'

// Every call of the store is one or more requests over HTTP, and fifty writers on one order are thousands of them.
let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(() => cloud.close())

describeStore('WeChat cloud', async () => {
  const store = await cloud.open()
  return {
    store,
    async dispose() {
      await store.close()
      cloud.empty()
    },
  }
})
