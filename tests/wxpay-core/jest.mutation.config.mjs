// The tests of wxpay-core that need no server and no second process, for `npm run mutation`: seconds, not minutes, for each
// change. What only the others would notice counts as unnoticed.
import all from '../../jest.config.mjs'

const [node] = all.projects
const { globalSetup: _, globalTeardown: _down, ...rest } = node

export default {
  ...rest,
  // Changed code is measured code: slower, and every test is run in one process.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/tests/wxpay-core/**/*.test.ts', '<rootDir>/tests/vectors/**/*.test.ts'],
  testPathIgnorePatterns: [
    ...node.testPathIgnorePatterns,
    'against-the-sandbox',
    'package.test',
    'published.test',
    'peers.test',
    'cli.test',
    'client.test',
    'refund.test',
    'transport.test',
    'service-provider.test',
  ],
}
