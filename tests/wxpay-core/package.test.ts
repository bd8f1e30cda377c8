import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative, sep } from 'node:path'
import { version, wxpayOutcomes } from 'wxpay-core'

const home = join(__dirname, '..', '..', 'packages', 'wxpay-core')
const sources = readdirSync(join(home, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))

function textOf(name: string): string {
  return readFileSync(join(home, 'src', name), 'utf8')
}

test('the package has no runtime dependency', () => {
  expect(manifest.dependencies ?? {}).toEqual({})
  expect(manifest.peerDependencies ?? {}).toEqual({})
  expect(manifest.optionalDependencies ?? {}).toEqual({})
})

test('its files import Node and each other, nothing else', () => {
  const allowed = new Set(builtinModules.map((name) => `node:${name}`))
  const code = sources.map((name) => textOf(name).replace(/\/\*\*[\s\S]*?\*\//g, '')).join('\n')
  const imported = [...code.matchAll(/^(?:import|export)[^'"]*from '([^']+)'/gm)].map(
    ([, target = '']) => target,
  )
  expect(imported.length).toBeGreaterThan(40)
  expect(imported.filter((target) => !/^\.\.?\/.*\.ts$/.test(target) && !allowed.has(target))).toEqual([])
  expect(code).not.toMatch(/\brequire\(|\bimport\(|\bfetch\(|Math\.random|localeCompare/)
})

test('the version it names is the version it has', () => {
  expect(version).toBe(manifest.version)
})

test('every file begins by saying in one sentence what it is', () => {
  expect(sources.filter((name) => !/^\/\*\* @module [A-Z].*[.] \*\/\n/.test(textOf(name)))).toEqual([])
})

test('the README names every code of a call', () => {
  const readme = readFileSync(join(home, 'README.md'), 'utf8')
  const codes = Object.keys(wxpayOutcomes).filter((code) => !code.startsWith('ERR_WXPAY_NOTIFY_'))
  const named = codes.filter(
    (code) => readme.includes(code) || readme.includes(code.replace('ERR_WXPAY', '…')),
  )
  expect(named).toEqual(codes)
})

test('every example in the README and the docstrings compiles', () => {
  const examples = [
    ...[...readFileSync(join(home, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
      ([, code]) => code,
    ),
    ...sources.flatMap((name) =>
      [...textOf(name).matchAll(/ +\* ```ts\n([\s\S]*?) +\* ```/g)].map(([, code = '']) =>
        code.replace(/^ +\* ?/gm, ''),
      ),
    ),
  ]
  expect(examples.length).toBeGreaterThan(8)

  const root = join(__dirname, '..', '..')
  const folder = join(root, 'tests', 'output', 'wxpay-core-examples')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [index, code] of examples.entries())
    writeFileSync(join(folder, `example-${index}.ts`), code ?? '')
  const options = {
    noEmit: true,
    composite: false,
    incremental: false,
    module: 'ESNext',
    moduleResolution: 'Bundler',
  }
  const base = relative(folder, join(root, 'tsconfig.base.json')).split(sep).join('/')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: base, compilerOptions: options, include: ['*.ts'] }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    // What tsc has to say is on its standard output.
    throw new Error(
      typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error),
    )
  }
})
