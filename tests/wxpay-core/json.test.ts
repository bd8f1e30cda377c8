import fc from 'fast-check'
import {
  fenOf,
  JsonShapeError,
  namesAtMost,
  objectOf,
  optionalFenOf,
  optionalObjectOf,
  optionalTextOf,
  parseAsciiMembers,
  parseJsonObject,
  readablesOf,
  textOf,
} from 'wxpay-core/src/json.ts'

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
  ['beyond ASCII', '{"金额":1,"金额":2}'],
  ['beyond ASCII, once with an escape', '{"金额":1,"\\u91d1额":2}'],
])('a member twice %s is refused', (_, text) => {
  const twice = new JsonShapeError('the same member twice')
  expect(() => parse(text)).toThrow(twice)
  expect(() => parseAsciiMembers(Buffer.from(text))).toThrow(twice)
})

describe('an envelope', () => {
  test('has its ASCII members, whatever stands beside them', () => {
    const members = { id: 'EV-1', summary: '支付成功', resource: { nonce: 'n', list: ['a', 1, null] } }
    expect(parseAsciiMembers(Buffer.from(JSON.stringify(members)))).toMatchObject({
      id: 'EV-1',
      resource: members.resource,
    })
    expect(parseAsciiMembers(Buffer.from('{"id":"\\u0045V-1"}'))).toEqual({ id: 'EV-1' })
    expect(parseAsciiMembers(new Uint8Array(Buffer.from('{"id":"EV-1"}')))).toEqual({ id: 'EV-1' })
  })

  test.each([
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'not UTF-8'],
    ['no UTF-8 and an escape', Buffer.from('{"\\n":"\xff"}', 'latin1'), 'not UTF-8'],
    ['no JSON', Buffer.from('{"id":"EV-1"'), 'not JSON'],
    ['a list', Buffer.from('[]'), 'not a JSON object'],
  ])('that is %s is refused', (_, bytes, message) => {
    expect(() => parseAsciiMembers(bytes)).toThrow(new JsonShapeError(message))
  })

  test('of ASCII alone is read like any other JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const bytes = Buffer.from(JSON.stringify(value))
        expect(parseAsciiMembers(bytes)).toEqual(parseJsonObject(bytes))
      }),
    )
  })
})

test('members that somebody gave to all objects are neither counted nor read', () => {
  Object.defineProperty(Object.prototype, 'sub_mchid', { value: '1', enumerable: true, configurable: true })
  try {
    const json = parse('{"mchid":"2","amount":{"total":1}}')
    expect(optionalTextOf(json, 'mchid')).toBe('2')
    expect(optionalTextOf(json, 'sub_mchid')).toBeUndefined()
    expect(() => parse('{"a":1,"a":2}')).toThrow('the same member twice')
  } finally {
    Reflect.deleteProperty(Object.prototype, 'sub_mchid')
  }
})

test.each([
  ['the same word as a value', '{"a":"a","b":"a"}'],
  ['a value that looks like members', '{"a":"\\"a\\":1,\\"a\\":2"}'],
  ['a value that ends with backslashes', '{"a":"\\\\","b":"\\\\\\\\"}'],
  ['the same member in two objects', '{"a":{"x":1},"b":{"x":1}}'],
  ['text that looks like a name before blanks', '{"a" :"x\\":","b"\t:1,"c"\n:2,"d"\r:3,"e":4}'],
  ['a list of objects and texts', '{"a":[{"x":"\\":"},{"x":[]},[{"x":null}]],"b":null}'],
  ['text with colons in a list', '{"a":["b","c"],"d":["b:","c:"]}'],
])('%s is no duplicate', (_, text) => {
  expect(parse(text)).toEqual(JSON.parse(text))
})

test.each([
  ['{}', 0],
  ['{"a":1}', 1],
  ['{"a" :1,"b"\n:2,"c"\r:3,"d"\t :4}', 4],
  ['{"a":{"b":[{"c":"x:"}]}}', 3],
  ['{"time":"10:30:00","url":"https://x"}', 2],
  ['{"a":"looks like a name: \\":"}', 2],
])('the quick count of the names in %s is %d', (text, count) => {
  expect(namesAtMost(text)).toBe(count)
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

test.each([
  ['not JSON', '{"a":1'],
  ['not JSON', ''],
  ['not a JSON object', 'null'],
  ['not a JSON object', '[]'],
  ['not a JSON object', '"text"'],
  ['not a JSON object', '1'],
])('%s: %s', (reason, text) => {
  expect(() => parse(text)).toThrow(new JsonShapeError(reason))
})

test('what is wrong has a name, and no text is quoted', () => {
  const error = new JsonShapeError('not JSON')
  expect(error.name).toBe('JsonShapeError')
  expect(() => parse('{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"')).toThrow(/^not JSON$/)
})

describe('a member', () => {
  const json = parse('{"text":"x","empty":"","none":null,"fen":6800,"nought":0,"object":{"a":1},"list":[1]}')

  test('is read as what it is, and may be missing or null where it need not be there', () => {
    expect(textOf(json, 'text')).toBe('x')
    expect(optionalTextOf(json, 'empty')).toBe('')
    expect([optionalFenOf(json, 'fen'), optionalFenOf(json, 'nought'), fenOf(json, 'nought')]).toEqual([
      6_800, 0, 0,
    ])
    expect(objectOf(json, 'object')).toEqual({ a: 1 })
    for (const name of ['none', 'other', 'constructor']) {
      expect(optionalTextOf(json, name)).toBeUndefined()
      expect(optionalFenOf(json, name)).toBeUndefined()
      expect(optionalObjectOf(json, name)).toBeUndefined()
    }
  })

  test('that must be there says so by its name', () => {
    for (const name of ['none', 'other']) {
      expect(() => textOf(json, name)).toThrow(new JsonShapeError(`${name} is missing`))
      expect(() => fenOf(json, name)).toThrow(new JsonShapeError(`${name} is missing`))
      expect(() => objectOf(json, name)).toThrow(new JsonShapeError(`${name} is missing`))
    }
    expect(() => textOf(json, 'empty')).toThrow(new JsonShapeError('empty is missing'))
  })

  test('of another kind is refused by its name', () => {
    for (const name of ['fen', 'object', 'list']) {
      expect(() => optionalTextOf(json, name)).toThrow(new JsonShapeError(`${name} is not text`))
    }
    for (const name of ['text', 'list']) {
      expect(() => optionalObjectOf(json, name)).toThrow(new JsonShapeError(`${name} is not an object`))
    }
  })

  test.each(['1.5', '-1', '"6800"', '[6800]', 'true', '9007199254740993', '{}'])(
    '%s is no fen',
    (written) => {
      const amount = parse(`{"total":${written}}`)
      expect(() => optionalFenOf(amount, 'total')).toThrow(
        new JsonShapeError('total is not a whole number of fen'),
      )
    },
  )
})

test('entries of a list that cannot be read are left out, and a list without any is none', () => {
  const read = (list: unknown) => readablesOf(list, (entry) => textOf(entry, 'id'))
  expect(read([{ id: 'a' }, { id: 1 }, 'x', null, ['y'], { id: 'b' }])).toEqual(['a', 'b'])
  expect(read([{}])).toBeUndefined()
  expect(read([])).toBeUndefined()
  for (const list of [undefined, null, {}, { id: 'a' }, 'a']) expect(read(list)).toBeUndefined()
})

test('of a list only what is an object is read', () => {
  expect(readablesOf([{}, 'text', null, [], 1], () => 'read')).toEqual(['read'])
})
