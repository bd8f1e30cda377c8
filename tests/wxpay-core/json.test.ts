import fc from 'fast-check'
import { JsonShapeError, parseJsonObject } from 'wxpay-core/src/json.ts'

const parse = (text: string) => parseJsonObject(Buffer.from(text, 'utf8'))

test.each([
  ['at the top', '{"a":1,"a":2}'],
  ['with the same value', '{"a":1,"a":1}'],
  ['with blanks before the colon', '{"a" :1,"a"\t\r\n :2}'],
  ['written with an escape', '{"a":1,"\\u0061":2}'],
  ['in an object within', '{"amount":{"total":1,"total":6800}}'],
  ['in an object in a list', '{"list":[{"a":1},{"a":1,"a":2}]}'],
  ['that is __proto__', '{"__proto__":1,"__proto__":2}'],
  ['that is a number', '{"0":1,"0":2}'],
  ['that is empty', '{"":1,"":2}'],
])('a member twice %s is refused', (_, text) => {
  expect(() => parse(text)).toThrow(new JsonShapeError('the same member twice'))
})

test.each([
  ['the same word as a value', '{"a":"a","b":"a"}'],
  ['a value that looks like members', '{"a":"\\"a\\":1,\\"a\\":2"}'],
  ['a value that ends with backslashes', '{"a":"\\\\","b":"\\\\\\\\"}'],
  ['the same member in two objects', '{"a":{"x":1},"b":{"x":1}}'],
  ['text with colons in a list', '{"a":["b","c"],"d":["b:","c:"]}'],
])('%s is no duplicate', (_, text) => {
  expect(parse(text)).toEqual(JSON.parse(text))
})

test('whatever JSON can say is read as JSON reads it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })),
      (value) => {
        const text = JSON.stringify(value)
        // A lone surrogate is written as an escape, so the bytes are UTF-8 whatever the value was.
        expect(parse(text)).toEqual(JSON.parse(text))
        expect(parse(JSON.stringify(value, null, 2))).toEqual(JSON.parse(text))
      },
    ),
    { numRuns: 500 },
  )
})

test('one more member of a name that is there is always noticed', () => {
  const name = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(
    fc.property(name, fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (twice, value, others) => {
      const members = [
        [twice, 1],
        ...Object.entries(others).filter(([other]) => other !== twice),
        [twice, value],
      ].map(([key, content]) => `${JSON.stringify(key)}:${JSON.stringify(content)}`)
      expect(() => parse(`{${members.join(',')}}`)).toThrow('the same member twice')
    }),
    { numRuns: 500 },
  )
})
