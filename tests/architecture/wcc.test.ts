/** @module WeChat's own compilers, wcc and wcsc, accept every template and stylesheet of the mini-program. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

const ROOT = path.join(__dirname, '..', '..', 'miniprogram')
const FOLDERS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac', win32: 'windows' }

/** Where miniprogram-compiler keeps the compiler of this machine; `null` where it ships none that runs here. */
const compilerPath = (name: 'wcc' | 'wcsc'): string | null => {
  const folder = FOLDERS[process.platform]
  const home = path.dirname(createRequire(__filename).resolve('miniprogram-compiler/package.json'))
  const file = path.join(home, 'bin', folder ?? 'none', process.platform === 'win32' ? `${name}.exe` : name)
  // The binaries are built for x64; an arm64 Linux can't run them, macOS and Windows translate.
  const runs = process.platform !== 'linux' || process.arch === 'x64'
  return fs.existsSync(file) && runs ? file : null
}

const wcc = compilerPath('wcc')
const wcsc = compilerPath('wcsc')
const where = `${process.platform}-${process.arch}`

const filesWith = (ending: string): string[] =>
  fs
    .readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith(ending) && !/^(node_modules|miniprogram_npm)\//.test(name))
    .sort()

// Made when tests run, not when this file is read: a run that picks none of its tests leaves nothing behind.
let workshop = ''
beforeAll(() => {
  workshop = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-wcc-'))
})
afterAll(() => fs.rmSync(workshop, { recursive: true, force: true }))

/** The package's files are not executable after some installs, and its folder need not be ours to change. */
const runnable = (file: string): string => {
  const copy = path.join(workshop, path.basename(file))
  if (!fs.existsSync(copy)) {
    fs.copyFileSync(file, copy)
    fs.chmodSync(copy, 0o755)
  }
  return copy
}

const compile = (compiler: string, args: string[], cwd = ROOT) => {
  const { status, stdout, stderr } = spawnSync(runnable(compiler), args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

/** wcc wants to know which tags are components: count, then template, number of tags, tags. */
const componentArguments = (templates: string[]): string[] => {
  const using = templates.flatMap((template) => {
    const config = path.join(ROOT, template.replace(/\.wxml$/, '.json'))
    const tags = Object.keys(JSON.parse(fs.readFileSync(config, 'utf8')).usingComponents ?? {})
    return tags.length === 0 ? [] : [template, String(tags.length), ...tags]
  })
  const count = using.filter((word) => word.endsWith('.wxml')).length
  return [String(count), ...using]
}

const compileTemplates = (compiler: string, templates: string[], cwd = ROOT) =>
  compile(compiler, ['-d', '-cc', componentArguments(templates).join(' '), ...templates, '-gn', '$gwx'], cwd)

if (wcc === null || wcsc === null) {
  test.skip(`miniprogram-compiler ships no compiler that runs on ${where}: not checked here`, () => undefined)
} else {
  test('wcc compiles every template', () => {
    const templates = filesWith('.wxml')
    expect(templates.length).toBeGreaterThanOrEqual(12)
    const result = compileTemplates(wcc, templates)
    expect(result).toMatchObject({ status: 0, stderr: '' })
    for (const template of templates) expect(result.stdout).toContain(`"${template}:`)
  })

  test('wcc refuses an expression that is not one', () => {
    fs.writeFileSync(path.join(workshop, 'bad.wxml'), '<view>{{ a + }}</view>')
    expect(compile(wcc, ['-d', '-cc', '0', 'bad.wxml', '-gn', '$gwx'], workshop).status).not.toBe(0)
  })

  test.each(filesWith('.wxss'))('wcsc compiles %s', (sheet) => {
    const result = compile(wcsc, ['-d', '-cc', sheet])
    expect(result.stderr).toBe('')
    expect(result.status).toBe(0)
  })

  test('wcsc refuses a rule that never ends', () => {
    fs.writeFileSync(path.join(workshop, 'bad.wxss'), '.a { color: red; .b { ')
    expect(compile(wcsc, ['-d', '-cc', 'bad.wxss'], workshop).status).not.toBe(0)
  })
}
