/** @module The store suite on the model that pure tests run on: it may not be kinder than the real one. */
import { createMemoryStore } from '../support/memory-store.ts'
import { describeStore } from './store-suite.ts'

describeStore('memory', async () => ({ store: createMemoryStore(), dispose: async () => {} }))
