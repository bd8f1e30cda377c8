// The store suite alone, on the environment that scripts/conformance.mjs chose. Nothing else is started.
import config from '../../jest.config.mjs'

const [{ globalSetup, globalTeardown, displayName, ...node }] = config.projects

export default { ...node, testMatch: ['<rootDir>/tests/conformance/*.conformance.ts'] }
