/** @module When `npm start` and `npm test` install packages, and when they leave them alone. */
interface Stamp {
  key: string
  scope: 'run' | 'all'
}
interface InstallPlanModule {
  installKey(input: {
    lockFile: string
    workspaceFile: string
    manifests: { path: string; text: string }[]
    platform: string
  }): string
  planInstall(input: {
    wanted: 'run' | 'all'
    key: string
    stamp: Stamp | undefined
    foundDevelopmentPackages: boolean
  }): unknown
  parseStamp(text: string): Stamp | undefined
}
const { installKey, planInstall, parseStamp } = jest.requireActual<InstallPlanModule>(
  '../../scripts/lib/install-plan.mjs',
)

const plan = (wanted: 'run' | 'all', stamp: Stamp | undefined, foundDevelopmentPackages = false) =>
  planInstall({ wanted, key: 'now', stamp, foundDevelopmentPackages })

describe('what is installed', () => {
  test('a fresh clone gets what running needs, and no more', () => {
    expect(plan('run', undefined)).toEqual({ kind: 'install', scope: 'run', reason: 'first time' })
  })

  test('a second start installs nothing', () => {
    expect(plan('run', { key: 'now', scope: 'run' })).toEqual({ kind: 'nothing' })
  })

  test('testing after starting adds the tools and tests', () => {
    expect(plan('all', { key: 'now', scope: 'run' })).toEqual({
      kind: 'install',
      scope: 'all',
      reason: 'tools and tests are missing',
    })
  })

  test('starting after testing installs nothing', () => {
    expect(plan('run', { key: 'now', scope: 'all' })).toEqual({ kind: 'nothing' })
  })

  test('starting after a change of dependencies keeps a full install full', () => {
    expect(plan('run', { key: 'before', scope: 'all' })).toEqual({
      kind: 'install',
      scope: 'all',
      reason: 'the dependencies changed',
    })
  })

  test('starting after an install that somebody made by hand keeps its tools', () => {
    expect(plan('run', undefined, true)).toEqual({ kind: 'install', scope: 'all', reason: 'first time' })
  })
})

describe('what counts as a change', () => {
  const workspace = {
    lockFile: 'lock\n',
    workspaceFile: 'packages:\n',
    manifests: [
      { path: 'package.json', text: '{"scripts":{"start":"a"},"dependencies":{"x":"1.0.0"}}' },
      { path: 'packages/a/package.json', text: '{"name":"a"}' },
    ],
    platform: 'linux x64',
  }
  const before = installKey(workspace)
  const rootManifest = (text: string) => ({
    ...workspace,
    manifests: [{ path: 'package.json', text }, ...workspace.manifests.slice(1)],
  })

  test('another script in a manifest is none', () => {
    expect(installKey(rootManifest('{"scripts":{"start":"b"},"dependencies":{"x":"1.0.0"}}'))).toBe(before)
  })

  test('the order in which manifests are found is none', () => {
    expect(installKey({ ...workspace, manifests: [...workspace.manifests].reverse() })).toBe(before)
  })

  test('Windows line ends in the lock file are none', () => {
    expect(installKey({ ...workspace, lockFile: 'lock\r\n' })).toBe(before)
  })

  test.each([
    ['the lock file', { ...workspace, lockFile: 'other lock\n' }],
    ['the workspace file', { ...workspace, workspaceFile: 'packages: []\n' }],
    ['a dependency', rootManifest('{"dependencies":{"x":"1.0.1"}}')],
    [
      'a new package',
      { ...workspace, manifests: [...workspace.manifests, { path: 'b/package.json', text: '{}' }] },
    ],
    ['another kind of machine', { ...workspace, platform: 'darwin arm64' }],
  ])('%s is one', (_, changed) => {
    expect(installKey(changed)).not.toBe(before)
  })
})

test('a damaged stamp counts as none', () => {
  expect(parseStamp('{"key":"k","scope":"all"}')).toEqual({ key: 'k', scope: 'all' })
  expect(parseStamp('{"key":"k","sco')).toBeUndefined()
  expect(parseStamp('{"key":"k","scope":"some"}')).toBeUndefined()
})
