/** @module Every Chinese sentence has one home: miniprogram/copy. */
import fs from 'node:fs'
import path from 'node:path'

const ROOT = path.join(__dirname, '..', '..', 'miniprogram')
const CHINESE = /[㐀-鿿，。！？、；：“”]/

const filesUnder = (folder: string): string[] =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|wxml|wxs)$/.test(name))
    .map((name) => path.join(folder, name))

/** Comments may name WeChat's own terms. */
const withoutComments = (source: string): string =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')

const sources = ['pages', 'components', 'services', 'view'].flatMap(filesUnder)

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(40)
})

test.each(sources)('%s holds no Chinese of its own', (file) => {
  const lines = withoutComments(fs.readFileSync(path.join(ROOT, file), 'utf8')).split('\n')
  expect(lines.filter((line) => CHINESE.test(line))).toEqual([])
})

test.each(sources.filter((file) => file.endsWith('.wxml')))('%s binds its events in colon form', (file) => {
  const source = fs.readFileSync(path.join(ROOT, file), 'utf8')
  expect(source.match(/\s(?:capture-)?(?:bind|catch)(?!:)[a-z]+=/g) ?? []).toEqual([])
})

test('wx.requestPayment is called in one place', () => {
  const callers = sources.filter((file) =>
    /wx\.requestPayment\(/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')),
  )
  expect(callers).toEqual([path.join('services', 'payment.ts')])
})

test('the phone loads no schema library', () => {
  const importers = sources.filter((file) =>
    /@yuanlu\/contract\/|zod/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')),
  )
  expect(importers).toEqual([])
})

test('every page of app.json has its four files', () => {
  const { pages } = JSON.parse(fs.readFileSync(path.join(ROOT, 'app.json'), 'utf8'))
  const missing = pages.flatMap((page: string) =>
    ['.ts', '.wxml', '.wxss', '.json'].filter((ending) => !fs.existsSync(path.join(ROOT, page + ending))),
  )
  expect(missing).toEqual([])
  expect(pages.length).toBeGreaterThanOrEqual(10)
})
