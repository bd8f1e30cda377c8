/** @module Templates agree with the scripts beside them, and the check that says so can fail. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { checkTemplates } from './wxml-check.ts'

const MINIPROGRAM = path.join(__dirname, '..', '..', 'miniprogram')

test('every template of the mini-program agrees with its script', () => {
  expect(checkTemplates(MINIPROGRAM)).toEqual([])
})

describe('a template that does not agree', () => {
  const appRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'wxml-check-'))
  afterAll(() => fs.rmSync(appRoot, { recursive: true, force: true }))

  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(appRoot, name), text)
  }

  const typings = path.join(
    path.dirname(require.resolve('miniprogram-api-typings/package.json')),
    'index.d.ts',
  )
  const script = `/// <reference path="${typings.replaceAll('\\', '/')}" />
interface Item { readonly title: string }
Page<
  { total: string; items: readonly Item[] },
  { onTap(): void }
>({
  data: { total: '', items: [] as readonly Item[] },
  onTap() {},
})`

  beforeEach(() => {
    write({
      'app.json': '{ "pages": ["shop"], "usingComponents": { "price-tag": "price-tag" } }',
      'tsconfig.json': '{ "compilerOptions": { "types": [] } }',
      'shop.ts': script,
      'price-tag.ts': `/// <reference path="${typings.replaceAll('\\', '/')}" />
Component({ properties: { fen: Number }, data: {}, methods: {} })
export {}`,
      'price-tag.wxml': '<view>{{fen}}</view>',
    })
  })

  test('is accepted when it does agree, with type arguments over several lines', () => {
    write({
      'shop.wxml': '<view wx:for="{{items}}" wx:key="title" bind:tap="onTap">{{item.title}} {{total}}</view>',
    })
    expect(checkTemplates(appRoot)).toEqual([])
  })

  test('is found by a misspelt field, also inside a readonly list', () => {
    write({ 'shop.wxml': '<view>{{totl}}</view>\n<view wx:for="{{items}}">{{item.titel}}</view>' })
    expect(checkTemplates(appRoot)).toMatchObject([
      { file: 'shop.wxml', line: 1, column: 9, message: expect.stringContaining("'totl' does not exist") },
      { file: 'shop.wxml', line: 2, message: expect.stringContaining("'titel' does not exist") },
    ])
  })

  test('is found by a handler that the script does not have', () => {
    write({ 'shop.wxml': '<view bind:tap="onTabb" />' })
    expect(checkTemplates(appRoot)).toMatchObject([
      { file: 'shop.wxml', line: 1, message: expect.stringContaining("'onTabb' does not exist") },
    ])
  })

  test('is found by a handler written without a colon, which could not be checked', () => {
    write({ 'shop.wxml': '<view class="a"\n  bindtap="onTap" />' })
    expect(checkTemplates(appRoot)).toEqual([
      { file: 'shop.wxml', line: 2, column: 3, message: 'write bind:tap, so that the handler is checked' },
    ])
  })

  test('is found by a property of another type or name than the component declares', () => {
    write({ 'shop.wxml': '<price-tag fen="{{total}}" />\n<price-tag fenn="{{1}}" />' })
    expect(checkTemplates(appRoot)).toMatchObject([
      { line: 1, message: "Type 'string' is not assignable to type 'number'." },
      { line: 2, message: expect.stringContaining("'fenn' does not exist") },
    ])
  })
})
