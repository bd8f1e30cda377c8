/** @module Changes that wait for a release: what stands in .changeset, and what `npm run release:version` makes of it, without a network. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
const read = (...parts: string[]): string => readFileSync(join(root, ...parts), 'utf8')
const { withVersion } = jest.requireActual<{ withVersion(source: string, version: string): string }>(
  '../../scripts/release/version-file.mjs',
)
const PUBLISHED = ['cloudbase-emulator', 'miniprogram-preview', 'wechat-sandbox', 'wxpay-core']

test('every package is either published or of this workspace alone', () => {
  const names = readdirSync(join(root, 'packages')).map(
    (folder): string => JSON.parse(read('packages', folder, 'package.json')).name,
  )
  expect(names.filter((name) => !name.startsWith('@yuanlu/')).sort()).toEqual(PUBLISHED)
  expect(JSON.parse(read('.changeset', 'config.json')).ignore).toEqual(['@yuanlu/*'])
})

test('each change that waits names published packages, how big it is, and one sentence or more', () => {
  const files = readdirSync(join(root, '.changeset')).filter(
    (name) => /\.md$/.test(name) && name !== 'README.md',
  )
  for (const name of files) {
    const [, head = '', text = ''] = /^---\n([\s\S]*?)---\n\n([\s\S]+)$/.exec(read('.changeset', name)) ?? []
    const packages = [...head.matchAll(/^"([^"]+)": (?:patch|minor|major)$/gm)].map(([, one = '']) => one)
    expect(packages.length).toBe(head.trimEnd().split('\n').length)
    expect(PUBLISHED).toEqual(expect.arrayContaining(packages))
    expect(text).toMatch(/^[A-Z`][\s\S]+\.\n$/)
  }
})

test('a change stands in the changelog as it was written, and packages that merely depend on it say nothing', async () => {
  const line = jest.requireActual<{
    getReleaseLine(change: { summary: string }): Promise<string>
    getDependencyReleaseLine(): Promise<string>
  }>('../../.changeset/changelog-line.cjs')
  expect(await line.getReleaseLine({ summary: 'Mended: a thing.\nAnd another.\n' })).toBe(
    '* Mended: a thing.\n  And another.',
  )
  expect(await line.getDependencyReleaseLine()).toBe('')
})

test('the version that goes into User-Agent follows the one of the package', () => {
  const source = read('packages', 'wxpay-core', 'src', 'version.ts')
  const changed = withVersion(source, '1.2.3-rc.1')
  expect(changed).toMatch(/^export const version = '1\.2\.3-rc\.1'$/m)
  const { version } = JSON.parse(read('packages', 'wxpay-core', 'package.json'))
  expect(withVersion(changed, version)).toBe(source)
  expect(() => withVersion("export const release = '1'", '2')).toThrow('where it used to')
})
