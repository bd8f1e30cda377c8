/** @module WeChat's flat XML dialect, read strictly and written safely. */
import { fromUtf8, isBlank } from '../utf8.ts'

/** Larger documents are refused unread: WeChat's own are under 10 KB, `detail` included. */
export const maxXmlBytes = 64 * 1024

/** A document outside the dialect. `message` names the rule; the document is never quoted. */
export class FlatXmlError extends Error {
  /** Always `FlatXmlError`. */
  override readonly name = 'FlatXmlError'
}

/**
 * Reads one flat document: `<xml>` (or `<root>` when asked for) with children that hold text or one CDATA section.
 * Values are strings exactly as written: not trimmed, not converted, leading zeros and 28 digits kept.
 *
 * This is no XML parser on purpose. A general one accepts what two readers can read differently (comments inside
 * values, duplicates, entities, truncation), and those differences are how signed documents are forged. Refused:
 * DOCTYPE, comments, processing instructions other than a leading declaration, attributes, nesting, duplicates,
 * unknown or impossible references, text outside elements, characters that XML forbids, invalid UTF-8, truncation,
 * and more than 64 KB.
 *
 * @throws FlatXmlError
 * @see 支付结果通知 (pay notification, XML), https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7, checked 2026-11
 */
export function readFlatXml(bytes: Uint8Array, root: 'xml' | 'root' = 'xml'): ReadonlyMap<string, string> {
  if (bytes.byteLength > maxXmlBytes) throw new FlatXmlError('document over 64 KB')
  const text = fromUtf8(bytes)
  if (text === undefined) throw new FlatXmlError('not UTF-8')
  if (forbidden.test(text)) throw unwritable()

  let at = skipSpace(text, skipDeclaration(text))
  const open = `<${root}>`
  if (!text.startsWith(open, at)) throw new FlatXmlError(`no ${open} at the start`)
  at = skipSpace(text, at + open.length)

  const members = new Map<string, string>()
  const close = `</${root}>`
  while (!text.startsWith(close, at)) {
    at = skipSpace(text, readMember(text, at, members))
  }
  if (skipSpace(text, at + close.length) !== text.length) throw new FlatXmlError(`something after ${close}`)
  return members
}

/**
 * Writes one flat document. Values go into CDATA; those that CDATA cannot carry (`]]>`) or would alter (a carriage
 * return, which XML readers turn into a line feed) are written as escaped text.
 *
 * @throws FlatXmlError for a name outside the dialect or a character that no XML can carry
 */
export function writeFlatXml(members: Readonly<Record<string, string | number>>): string {
  let xml = '<xml>'
  for (const [name, value] of Object.entries(members)) xml += writeMember(name, String(value))
  return `${xml}</xml>`
}

/** One element; see `writeFlatXml`. */
export function writeMember(name: string, value: string): string {
  if (!memberName.test(name)) throw new FlatXmlError('a member name outside the dialect')
  if (forbidden.test(value) || !value.isWellFormed()) throw unwritable()
  if (value.includes(']]>') || value.includes('\r')) {
    return `<${name}>${value.replace(/[&<>\r]/g, (character) => escapes[character] ?? character)}</${name}>`
  }
  return `<${name}><![CDATA[${value}]]></${name}>`
}

// `$` occurs in WeChat's tables (`coupon_id_$n`) and, so old reports say, now and then in messages.
const memberName = /^(?=.{1,64}$)[A-Za-z_](?:\$?[A-Za-z0-9_])*$/
const maxNameLength = 64

// What `Char` of XML 1.0 leaves out, apart from lone surrogates, which UTF-8 cannot hold.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

const declaration =
  /^<\?xml[ \t\r\n]+version=(["'])1\.0\1(?:[ \t\r\n]+encoding=(["'])[Uu][Tt][Ff]-8\2)?(?:[ \t\r\n]+standalone=(["'])(?:yes|no)\3)?[ \t\r\n]*\?>/

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
)

const cdataOpen = '<![CDATA['
const cdataClose = ']]>'

function cutOff(): FlatXmlError {
  return new FlatXmlError('the document ends too early')
}

function unwritable(): FlatXmlError {
  return new FlatXmlError('a character that XML forbids')
}

/** Reads the element at `at` into `members`; returns the position behind it. */
function readMember(text: string, at: number, members: Map<string, string>): number {
  if (text.charCodeAt(at) !== 0x3c) {
    throw at >= text.length ? cutOff() : new FlatXmlError('text between elements')
  }
  const nameEnd = endOfName(text, at + 1)
  const name = text.slice(at + 1, nameEnd)
  if (members.has(name)) throw new FlatXmlError('the same element twice')
  if (text.charCodeAt(nameEnd) === 0x2f) {
    members.set(name, '')
    return nameEnd + 2
  }

  const start = nameEnd + 1
  let end: number
  if (text.startsWith(cdataOpen, start)) {
    const valueEnd = text.indexOf(cdataClose, start)
    if (valueEnd === -1) throw cutOff()
    members.set(name, text.slice(start + cdataOpen.length, valueEnd))
    end = valueEnd + cdataClose.length
  } else {
    end = text.indexOf('<', start)
    if (end === -1) throw cutOff()
    members.set(name, readText(text.slice(start, end)))
  }
  // `</name>`, compared in place: twenty strings fewer for each notification.
  const closeEnd = end + 2 + name.length
  if (
    text.charCodeAt(end) !== 0x3c ||
    text.charCodeAt(end + 1) !== 0x2f ||
    !text.startsWith(name, end + 2) ||
    text.charCodeAt(closeEnd) !== 0x3e
  ) {
    throw new FlatXmlError('an element that holds more than one text')
  }
  return closeEnd + 1
}

/**
 * The position of the `>` or `/>` behind the name that begins at `from`. The rule is that of `memberName`, character by
 * character; a test holds the two together.
 */
function endOfName(text: string, from: number): number {
  let at = from
  let previous = 0
  for (; ; at += 1) {
    const code = text.charCodeAt(at)
    const isLetter = (code >= 0x61 && code <= 0x7a) || code === 0x5f || (code >= 0x41 && code <= 0x5a)
    const isInside = at > from && ((code >= 0x30 && code <= 0x39) || (code === 0x24 && previous !== 0x24))
    if (!isLetter && !isInside) break
    previous = code
  }
  const isClosed =
    text.charCodeAt(at) === 0x3e || (text.charCodeAt(at) === 0x2f && text.charCodeAt(at + 1) === 0x3e)
  if (!isClosed && text.indexOf('>', from) === -1) throw cutOff()
  if (!isClosed || at === from || at - from > maxNameLength || previous === 0x24) {
    throw new FlatXmlError('something other than a plain element')
  }
  return at
}

function readText(raw: string): string {
  if (raw.includes(cdataClose)) throw new FlatXmlError(']]> in text')
  // Stryker disable next-line all: most texts have none, and to look for references in them says the same, later
  if (!raw.includes('&')) return raw
  return raw.replace(/&(?:([^;&]{0,12});)?/g, (_, body: string | undefined) => readReference(String(body)))
}

function readReference(body: string): string {
  const entity = entities.get(body)
  if (entity !== undefined) return entity
  const digits = /^#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7})$/.exec(body)?.[1]
  if (digits === undefined) throw new FlatXmlError('an unknown reference')
  // `x41` becomes 0x41.
  const code = Number(digits.replace('x', '0x'))
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new FlatXmlError('a reference to no character')
  const character = String.fromCodePoint(code)
  if (forbidden.test(character)) throw unwritable()
  return character
}

function skipDeclaration(text: string): number {
  // The declaration must be the very first thing; behind a blank it is an ordinary, refused instruction.
  return declaration.exec(text)?.[0].length ?? 0
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (isBlank(text.charCodeAt(at))) at += 1
  return at
}
