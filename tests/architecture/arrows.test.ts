import { readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { filesBelow, importsOf, ROOT, read, resolveRelative } from './source-files'

/** The rooms and the rooms of ours that each may know: docs/architecture.md says why. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'wxpay-core': [],
  contract: [],
  'wechat-sandbox': [],
  'cloudbase-emulator': [],
  'miniprogram-preview': [],
  shop: ['@yuanlu/contract'],
  'gateway-wechat': ['@yuanlu/shop', 'wxpay-core'],
  'store-postgres': ['@yuanlu/shop'],
  'store-cloudbase': ['@yuanlu/shop'],
  backend: [
    '@yuanlu/contract',
    '@yuanlu/gateway-wechat',
    '@yuanlu/shop',
    '@yuanlu/store-cloudbase',
    '@yuanlu/store-postgres',
    'wxpay-core',
  ],
  devhost: ['@yuanlu/backend', 'cloudbase-emulator', 'miniprogram-preview', 'wechat-sandbox'],
}
const OURS = new Set(['wxpay-core', 'wechat-sandbox', 'cloudbase-emulator', 'miniprogram-preview'])
const isOurs = (name: string) => name.startsWith('@yuanlu/') || OURS.has(name)
const packageName = (specifier: string) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
const builtins = new Set([...builtinModules, ...builtinModules.map((m) => `node:${m}`)])

const manifest = (folder: string): { dependencies?: Record<string, string> } =>
  JSON.parse(read(`${folder}/package.json`))

test('every package has its row of arrows, and its manifest names no other room', () => {
  expect(Object.keys(ARROWS).sort()).toEqual(readdirSync(join(ROOT, 'packages')).sort())
  for (const [room, allowed] of Object.entries(ARROWS)) {
    const named = Object.keys(manifest(`packages/${room}`).dependencies ?? {}).filter(isOurs)
    expect([room, named.filter((name) => !allowed.includes(name))]).toEqual([room, []])
  }
})

test.each(Object.keys(ARROWS))('%s imports what its manifest names, and nothing else', (room) => {
  const named = Object.keys(manifest(`packages/${room}`).dependencies ?? {})
  const wrong = filesBelow(`packages/${room}/src`, ['.ts', '.mjs']).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !specifier.startsWith('.') && !builtins.has(specifier))
      .filter(
        (specifier) =>
          !named.includes(packageName(specifier)) && packageName(specifier) !== manifestName(room),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  )
  expect(wrong).toEqual([])
})

const manifestName = (room: string): string => JSON.parse(read(`packages/${room}/package.json`)).name

test('no file reaches into another room by a relative path', () => {
  const wrong = Object.keys(ARROWS).flatMap((room) =>
    filesBelow(`packages/${room}/src`, ['.ts']).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolveRelative(file, specifier) ?? 'nowhere')
        .filter((target) => !target.startsWith(`packages/${room}/`))
        .map((target) => `${file} imports ${target}`),
    ),
  )
  expect(wrong).toEqual([])
})

test('a database driver is known by its entry of the backend, and the doctor’s, so that a bundle can carry one', () => {
  const drivers = /^@yuanlu\/store-/
  const knowing = filesBelow('packages/backend/src', ['.ts']).filter((file) =>
    importsOf(file).some((specifier) => drivers.test(specifier)),
  )
  expect(knowing.sort()).toEqual([
    'packages/backend/src/doctor/database.ts',
    'packages/backend/src/stores/cloudbase.ts',
    'packages/backend/src/stores/postgres.ts',
  ])
})

test('a cloud function is a few lines over the backend, and knows nothing else', () => {
  const functions = filesBelow('cloudfunctions', ['.ts'])
  expect(functions.map((file) => file.split('/')[1]).sort()).toEqual(['api', 'jobs', 'wxpay-notify'])
  for (const file of functions) {
    expect(importsOf(file).filter((specifier) => !specifier.startsWith('@yuanlu/backend/'))).toEqual([])
    expect(read(file).split('\n').length).toBeLessThan(10)
  }
})

test('the shop has no I/O, no clock and no chance of its own', () => {
  const wrong = filesBelow('packages/shop/src', ['.ts']).flatMap((file) => [
    ...importsOf(file)
      .filter((specifier) => builtins.has(specifier) && specifier !== 'node:crypto')
      .map((specifier) => `${file} imports ${specifier}`),
    ...(
      read(file).match(
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomBytes\b|\bsetTimeout\b|\bprocess\./g,
      ) ?? []
    ).map((word) => `${file} says ${word}`),
  ])
  expect(wrong).toEqual([])
})

test('the mini-program knows the contract alone, and none of its schemas at run time', () => {
  const wrong = filesBelow('miniprogram', ['.ts']).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('tdesign-miniprogram/'))
      .filter((specifier) => specifier !== '@yuanlu/contract')
      .map((specifier) => `${file} imports ${specifier}`),
  )
  expect(wrong).toEqual([])
})

test('there are no circles between files', () => {
  const files = [
    ...filesBelow('packages', ['.ts']),
    ...filesBelow('miniprogram', ['.ts']),
    ...filesBelow('scripts', ['.mjs']),
  ]
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .flatMap((specifier) => resolveRelative(file, specifier) ?? [])
        .filter((target) => !typeOnly(file, target)),
    ]),
  )
  expect(circlesOf(graph)).toEqual([])
})

/** Type imports are erased: they make no circle at run time, so they may point both ways. */
const typeOnly = (file: string, target: string): boolean => {
  const base = target.split('/').at(-1)?.replace(/\.ts$/, '') ?? ''
  const lines =
    read(file).match(new RegExp(`(?:import|export)\\s[^'"]*?from\\s*['"][^'"]*${base}(?:\\.ts)?['"]`, 'g')) ??
    []
  return lines.length > 0 && lines.every((line) => /^(?:import|export) type\s/.test(line))
}

const circlesOf = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    done.add(file)
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
  }
  for (const file of graph.keys()) visit(file, [])
  return circles
}

test('the check for circles finds one', () => {
  expect(
    circlesOf(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['a']],
      ]),
    ),
  ).toEqual(['a -> b -> c -> a'])
})

test('wire spelling stays out of the shop and the mini-program', () => {
  const wrong = [...filesBelow('packages/shop/src', ['.ts']), ...filesBelow('miniprogram', ['.ts'])].flatMap(
    (file) => {
      const code = read(file)
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replace(/'[^']*'|`[^`]*`/g, '')
      return (code.match(/\b[a-z]+_[a-z_]+\b/g) ?? []).map((word) => `${file}: ${word}`)
    },
  )
  expect(wrong).toEqual([])
})
