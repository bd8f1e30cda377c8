/** @module The compiler: what comes out of a program, and what it says about a broken one. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { compileMiniprogram, formatProblem, PreviewCompileError } from 'miniprogram-preview'

const FIXTURE = path.join(__dirname, 'fixture')
const workshop = fs.mkdtempSync(path.join(os.tmpdir(), 'preview-compile-'))
afterAll(() => fs.rmSync(workshop, { recursive: true, force: true }))

let count = 0
const aFolder = () => {
  count += 1
  const folder = path.join(workshop, String(count))
  fs.mkdirSync(folder)
  return folder
}

/** A program of one page, with these files changed, added or, with undefined, left out. */
const aProgram = (files: Record<string, string | undefined>): string => {
  const appRoot = aFolder()
  const all: Record<string, string | undefined> = {
    'app.json': '{ "pages": ["pages/a/a"] }',
    'app.js': 'App({})',
    'pages/a/a.js': 'Page({})',
    'pages/a/a.wxml': '<view>a</view>',
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    if (text === undefined) continue
    fs.mkdirSync(path.dirname(path.join(appRoot, name)), { recursive: true })
    fs.writeFileSync(path.join(appRoot, name), text)
  }
  return appRoot
}

const problemsOf = async (files: Record<string, string | undefined>): Promise<string[]> => {
  try {
    const { warnings } = await compileMiniprogram({ appRoot: aProgram(files), outDir: aFolder() })
    return warnings.map(formatProblem)
  } catch (error) {
    if (error instanceof PreviewCompileError) return error.problems.map(formatProblem)
    throw error
  }
}

describe('a whole program', () => {
  const outDir = aFolder()
  const read = (file: string) => fs.readFileSync(path.join(outDir, file), 'utf8')

  test('becomes one folder that a browser can load', async () => {
    const result = await compileMiniprogram({ appRoot: FIXTURE, outDir })
    expect(result.warnings).toEqual([])
    expect(result.pages).toEqual(['pages/shop/shop', 'pages/me/me', 'pages/order/order'])
    expect(result.units).toContain('components/price-tag/price-tag')
    expect(result.units).toContain('miniprogram_npm/tdesign-miniprogram/button/button')
    for (const file of ['phone.html', 'mp.js', 'mp.css', 'assets/images/home.svg', 'icons/shop.svg']) {
      expect(fs.existsSync(path.join(outDir, file))).toBe(true)
    }
  })

  test('translates lengths, keeps a component’s classes to itself, and finds the host', () => {
    // Only the program's own lines: TDesign's style sheets are long.
    const sheet = read('mp.css')
    const ofPriceTag = sheet.slice(0, sheet.indexOf('#e34d59')).slice(-120)
    expect(sheet.slice(0, 300)).toContain('font-size: 3.73333vw')
    expect(ofPriceTag).toMatch(
      /\[wx-host=(s\w+)\] \{\s+display: inline-block;\s+\}\s+\.\1--price \{\s+color: $/,
    )
    expect(read('mp.js').includes('calc(30 * var(--page-vh, 1vh))')).toBe(true)
  })

  test('draws icons from files instead of a font on the network', () => {
    expect(read('mp.css').includes('url(icons/shop.svg) center/contain no-repeat')).toBe(true)
    expect(read('mp.css').includes('tdesign.gtimg.com')).toBe(false)
    expect(read('icons/shop.svg')).toContain('viewBox=')
  })

  test('inlines imported style sheets in their place', () => {
    expect(read('mp.css').indexOf('.row {')).toBeLessThan(read('mp.css').indexOf('page {'))
  })
})

describe('problems come with a place and a way out', () => {
  test('all of them at once, not just the first', async () => {
    expect(
      await problemsOf({
        'app.json':
          '{\n  "pages": ["pages/a/a", "pages/none/none"],\n  "tabBar": { "list": [{ "pagePath": "pages/x" }] }\n}',
        'pages/a/a.json':
          '{\n  "usingComponents": { "price": "/components/price/price", "t-x": "no-such-package/x" }\n}',
        'pages/a/a.wxml': '<view>\n  <prise />\n</view>',
        'pages/a/a.wxss': '.a {\n  color: red',
        'pages/a/a.js': "import x from './nowhere'\nPage({ x })",
      }),
    ).toEqual([
      expect.stringMatching(
        /^pages\/a\/a\.json:2:24 error: component "\/components\/price\/price" was not found: check the path/,
      ),
      expect.stringMatching(
        /^pages\/a\/a\.json:2:60 error: component "no-such-package\/x" was not found: install the package/,
      ),
      expect.stringMatching(
        /^app\.json:2:26 error: page "pages\/none\/none" has no pages\/none\/none\.ts or \.js: create it/,
      ),
      expect.stringMatching(/^app\.json:3:38 error: tabBar page "pages\/x" is not in "pages"/),
      expect.stringMatching(
        /^pages\/a\/a\.wxml:2:4 error: <prise> is neither built in nor declared: add it to "usingComponents"/,
      ),
      'pages/a/a.wxss:1:1 error: style: Unclosed block',
      'pages/a/a.js:1:15 error: cannot find "./nowhere": check the path, or install the package next to the program',
    ])
  })

  test.each([
    [
      'JSON with a comma too much',
      { 'app.json': '{\n  "pages": ["pages/a/a"],\n}' },
      /^app\.json:3:1 error: this is not valid JSON/,
    ],
    [
      'a tag that is never closed',
      { 'pages/a/a.wxml': '<view>\n  <text></view>' },
      /^pages\/a\/a\.wxml:2:4 error: template: missing end tag/,
    ],
    [
      'a bad expression',
      { 'pages/a/a.wxml': '<view>{{ a + }}</view>' },
      /^pages\/a\/a\.wxml:1:\d+ error: template:/,
    ],
    [
      'a template that is not there',
      { 'pages/a/a.wxml': '<import src="./b.wxml" />' },
      /^pages\/a\/a\.wxml:1:\d+ error: template "pages\/a\/b\.wxml" was not found/,
    ],
    [
      'a WXS file that is not there',
      { 'pages/a/a.wxml': '<wxs src="./b.wxs" module="b" />' },
      /^pages\/a\/a\.wxml:1:1 error: "pages\/a\/b\.wxs" was not found/,
    ],
    [
      'a page without a template',
      { 'pages/a/a.wxml': undefined },
      /^pages\/a\/a\.wxml:1:1 error: the template is missing/,
    ],
    [
      'an import in WXSS that is not there',
      { 'pages/a/a.wxss': '.a {}\n@import "./b.wxss";' },
      /^pages\/a\/a\.wxss:2:1 error: style sheet "\.\/b\.wxss" was not found/,
    ],
    [
      'a syntax error in a script',
      { 'pages/a/a.js': 'Page({ a: })' },
      /^pages\/a\/a\.js:1:11 error: Unexpected "}"/,
    ],
    [
      'a local picture in WXSS',
      { 'pages/a/a.wxss': '.a {\n  background: url(/b.png)\n}' },
      /^pages\/a\/a\.wxss:2:1 warning: WeChat does not load local files from WXSS/,
    ],
  ])('%s', async (_name, files: Record<string, string | undefined>, expected) => {
    expect(await problemsOf(files)).toEqual([expect.stringMatching(expected)])
  })

  test('an empty folder', async () => {
    await expect(compileMiniprogram({ appRoot: aFolder(), outDir: aFolder() })).rejects.toThrow(
      /app\.json:1:1 error: not found in .*: give the folder that holds app\.json as appRoot/,
    )
  })
})

describe('packages', () => {
  test('come from miniprogram_npm when node_modules has none', async () => {
    expect(
      await problemsOf({
        'pages/a/a.json': '{ "usingComponents": { "x-tag": "built/tag" } }',
        'pages/a/a.wxml': '<x-tag />',
        'pages/a/a.js': "import { name } from 'built/name'\nPage({ data: { name } })",
        'miniprogram_npm/built/tag.js': 'Component({})',
        'miniprogram_npm/built/tag.wxml': '<view />',
        'miniprogram_npm/built/name.js': "export const name = 'built'",
      }),
    ).toEqual([])
  })

  test('are read through their export conditions, source first, whatever an older build left', async () => {
    const outDir = aFolder()
    const appRoot = aProgram({
      'pages/a/a.js': "import { where } from '@shop/words'\nPage({ data: { where } })",
      'node_modules/@shop/words/package.json': JSON.stringify({
        name: '@shop/words',
        exports: { '.': { source: './src/index.ts', default: './dist/index.js' } },
      }),
      'node_modules/@shop/words/src/index.ts': "export const where: string = 'from the source'",
      'node_modules/@shop/words/dist/index.js': "export const where = 'from dist'",
      'miniprogram_npm/@shop/words/index.js': "exports.where = 'from an older build'",
    })
    await compileMiniprogram({ appRoot, outDir })
    expect(fs.readFileSync(path.join(outDir, 'mp.js'), 'utf8')).toMatch(/from the source/)
  })
})
