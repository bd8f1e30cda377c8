/** @module What `npm run build` puts into the mini-program: the used parts, all of them, the same ones every time. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

interface BuildModule {
  buildMiniprogramNpm(input: { appRoot: string; outDir: string }): Promise<{ name: string; files: number }[]>
}
const { buildMiniprogramNpm } = jest.requireActual<BuildModule>('../../scripts/build/miniprogram-npm.mjs')

const MINIPROGRAM = fileURLToPath(new URL('../../miniprogram', import.meta.url))
let scratch: string
beforeEach(() => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-build-')))
})
afterEach(() => fs.rmSync(scratch, { recursive: true, force: true }))

const write = (file: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(scratch, file)), { recursive: true })
  fs.writeFileSync(path.join(scratch, file), text)
}

const filesIn = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()

/** A component library with one chain of each kind of reference, and an unused twin beside every link. */
const writeSmallProgram = () => {
  write('app/package.json', '{"dependencies":{"kit":"1.0.0"}}')
  write('app/app.json', '{"pages":["pages/a/a"]}')
  write('app/app.wxss', '@import "kit/style/theme.wxss";')
  write('app/pages/a/a.json', '{"usingComponents":{"k-card":"kit/card/card"}}')
  write('app/pages/a/a.ts', "import { toast } from 'kit/toast/index'\nimport './b'\ntoast()")
  write('app/pages/a/b.ts', 'export {}')
  write('app/pages/a/a.wxml', '<k-card />')
  write('app/miniprogram_npm/stale.json', '{"usingComponents":{"gone":"kit/gone"}}')
  const kit = 'app/node_modules/kit'
  write(`${kit}/package.json`, '{"miniprogram":"dist"}')
  write(`${kit}/LICENSE`, 'MIT')
  write(`${kit}/dist/card/card.json`, '{"component":true,"usingComponents":{"k-icon":"../icon/icon"}}')
  write(
    `${kit}/dist/card/card.js`,
    "import { __decorate } from 'tslib'\nimport props from './props'\n__decorate(props)",
  )
  write(`${kit}/dist/card/props.js`, 'export default {}')
  write(`${kit}/dist/card/props.d.ts`, 'export default {}')
  write(
    `${kit}/dist/card/card.wxml`,
    '<import src="../template/row"/><wxs module="_" src="../wxs/text.wxs"/>',
  )
  write(`${kit}/dist/card/card.wxss`, "@import '../style/base.wxss';")
  write(`${kit}/dist/icon/icon.json`, '{"component":true}')
  write(`${kit}/dist/icon/icon.js`, 'Component({})')
  write(`${kit}/dist/icon/unused.js`, 'Component({})')
  write(`${kit}/dist/template/row.wxml`, '<template name="row"/>')
  write(`${kit}/dist/template/unused.wxml`, '')
  write(`${kit}/dist/wxs/text.wxs`, "var number = require('./number.wxs')")
  write(`${kit}/dist/wxs/number.wxs`, '')
  write(`${kit}/dist/wxs/unused.wxs`, '')
  write(`${kit}/dist/style/theme.wxss`, '')
  write(`${kit}/dist/style/base.wxss`, '')
  write(`${kit}/dist/style/unused.wxss`, '')
  write(`${kit}/dist/toast/index.js`, "export { toast } from './show'")
  write(`${kit}/dist/toast/show.js`, 'export const toast = () => {}')
  write(`${kit}/dist/dialog/dialog.json`, '{"component":true}')
  write(`${kit}/dist/dialog/dialog.js`, 'Component({})')
  write(`${kit}/dist/miniprogram_npm/tslib/index.js`, 'export const __decorate = () => {}')
  write(`${kit}/dist/miniprogram_npm/dayjs/index.js`, 'export default {}')
}

test('only what the program reaches is copied, by every kind of reference', async () => {
  writeSmallProgram()
  const outDir = path.join(scratch, 'out')
  await buildMiniprogramNpm({ appRoot: path.join(scratch, 'app'), outDir })
  expect(filesIn(outDir)).toEqual([
    'kit/LICENSE',
    'kit/card/card.js',
    'kit/card/card.json',
    'kit/card/card.wxml',
    'kit/card/card.wxss',
    'kit/card/props.js',
    'kit/icon/icon.js',
    'kit/icon/icon.json',
    'kit/miniprogram_npm/tslib/index.js',
    'kit/style/base.wxss',
    'kit/style/theme.wxss',
    'kit/template/row.wxml',
    'kit/toast/index.js',
    'kit/toast/show.js',
    'kit/wxs/number.wxs',
    'kit/wxs/text.wxs',
  ])
})

test('a component that is not there stops the build with its name', async () => {
  writeSmallProgram()
  write('app/pages/a/a.json', '{"usingComponents":{"k-card":"kit/crad/card"}}')
  await expect(
    buildMiniprogramNpm({ appRoot: path.join(scratch, 'app'), outDir: path.join(scratch, 'out') }),
  ).rejects.toThrow('uses the component "kit/crad/card", which is not there')
})

test('a second build leaves the same files, and removes what an older one left', async () => {
  const outDir = path.join(scratch, 'out')
  const digest = () => {
    const hash = createHash('sha256')
    for (const file of filesIn(outDir)) hash.update(file).update(fs.readFileSync(path.join(outDir, file)))
    return hash.digest('hex')
  }
  await buildMiniprogramNpm({ appRoot: MINIPROGRAM, outDir })
  const first = digest()
  write('out/tdesign-miniprogram/old/old.js', 'Component({})')
  await buildMiniprogramNpm({ appRoot: MINIPROGRAM, outDir })
  expect(digest()).toBe(first)
  expect(fs.existsSync(path.join(outDir, 'tdesign-miniprogram', 'old'))).toBe(false)
})

test('the contract becomes one CommonJS file that carries no schema library', async () => {
  const outDir = path.join(scratch, 'out')
  await buildMiniprogramNpm({ appRoot: MINIPROGRAM, outDir })
  expect(filesIn(path.join(outDir, '@yuanlu', 'contract'))).toEqual(['index.js'])
  const source = fs.readFileSync(path.join(outDir, '@yuanlu', 'contract', 'index.js'), 'utf8')
  expect(source).not.toMatch(/zod|ZodType|\brequire\(/)
  const loaded = { exports: { formatYuan: (_fen: number): string => 'not loaded' } }
  vm.runInNewContext(source, { module: loaded, exports: loaded.exports })
  expect(loaded.exports.formatYuan(1234)).toBe('12.34')
})

test('TDesign comes with its licence, without the components that no page uses', async () => {
  const outDir = path.join(scratch, 'out')
  await buildMiniprogramNpm({ appRoot: MINIPROGRAM, outDir })
  const folders = fs.readdirSync(path.join(outDir, 'tdesign-miniprogram'))
  expect(folders).toContain('LICENSE')
  expect(folders).toContain('button')
  expect(folders).not.toContain('color-picker')
})
