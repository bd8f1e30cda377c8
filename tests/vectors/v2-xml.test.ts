import { FlatXmlError, readFlatXml, writeFlatXml } from 'wxpay-core'
import { loadVectors, rowsOf } from './vectors.ts'

interface XmlVector {
  readonly id: string
  readonly kind: string
  readonly xml: string
  readonly subset?: boolean
  readonly object: Readonly<Record<string, string>>
  readonly expected: {
    readonly fields: Readonly<Record<string, string>>
    readonly acceptable: readonly string[]
  }
}

const vectors = loadVectors<XmlVector>('v2-xml.json')
const handled = ['xml-parse', 'xml-reject', 'xml-structure', 'xml-build-canonical']

function read(xml: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readFlatXml(Buffer.from(xml), xml.startsWith('<root>') ? 'root' : 'xml'))
}

test('every published XML vector is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(16)
  expect(vectors.filter(({ kind }) => !handled.includes(kind))).toEqual([])
})

test.each(rowsOf(vectors, 'xml-parse'))('%s is read as published', (_, { xml, subset, expected }) => {
  if (subset === true) expect(read(xml)).toMatchObject(expected.fields)
  else expect(read(xml)).toEqual(expected.fields)
})

test.each(rowsOf(vectors, 'xml-reject'))('%s is refused', (_, { xml }) => {
  expect(() => read(xml)).toThrow(FlatXmlError)
})

// Repeated and nested elements: WeChat never sends them, and picking one of two is how documents are forged.
test.each(rowsOf(vectors, 'xml-structure'))('%s is refused', (_, { xml }) => {
  expect(() => read(xml)).toThrow(FlatXmlError)
})

test.each(rowsOf(vectors, 'xml-build-canonical'))('%s is written as published', (_, { object, expected }) => {
  expect(expected.acceptable).toContain(writeFlatXml(object))
})
