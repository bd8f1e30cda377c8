/**
 * @module WeChat's flat XML dialect, read with fast-xml-parser behind checks that refuse everything else XML can be.
 */
import { XMLParser } from 'fast-xml-parser'
import { decodeUtf8, isRecord } from '../json.ts'

export type Fields = ReadonlyMap<string, string>

export type XmlReading =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly why: 'empty' | 'not-utf8' | 'malformed' }

const MAX_BYTES = 64 * 1024
/** WeChat Pay's documents have a few dozen members; what a parser spends on ten thousand would stop all others. */
const MAX_MARKUP = 1_000
const MEMBER_NAME = /^[A-Za-z_][A-Za-z0-9_.$-]{0,63}$/
const CDATA = '#cdata'
const TEXT = '#text'

const parser = new XMLParser({
  preserveOrder: true,
  cdataPropName: CDATA,
  textNodeName: TEXT,
  // Entities are decoded below: five names and character references, nothing a document could define.
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreAttributes: false,
  ignoreDeclaration: true,
})

/** Reads `<xml>` with text or CDATA members, each name once; no DOCTYPE, comment, attribute, nesting or stray text. */
export function readXml(bytes: Uint8Array): XmlReading {
  if (bytes.length === 0) return { ok: false, why: 'empty' }
  if (bytes.length > MAX_BYTES) return { ok: false, why: 'malformed' }
  const text = decodeUtf8(bytes)
  if (text === undefined) return { ok: false, why: 'not-utf8' }
  if (text.split('<', MAX_MARKUP + 2).length > MAX_MARKUP + 1) return { ok: false, why: 'malformed' }
  const fields = isPlainDialect(text) ? parse(text) : undefined
  return fields === undefined ? { ok: false, why: 'malformed' } : { ok: true, fields }
}

// What a tolerant parser would swallow is refused before it is asked.
function isPlainDialect(text: string): boolean {
  if (hasForbiddenCharacter(text)) return false
  const markup = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')
  if (markup.includes('<!') || markup.includes(']]>')) return false
  const body = markup.replace(/^\s*<\?xml(\s[^<>?]*)?\?>/, '').trim()
  if (body.includes('<?') || !/^<xml\s*>/.test(body) || !/<\/xml\s*>$/.test(body)) return false
  // Every tag closes: the parser itself would let a truncated document through.
  const open: string[] = []
  for (const [tag] of body.matchAll(/<[^>]*>?/g)) {
    const closing = /^<\/([^\s<>/]+)\s*>$/.exec(tag)
    if (closing !== null) {
      if (open.pop() !== closing[1]) return false
      continue
    }
    const opening = /^<([^\s<>/]+)\s*(\/?)>$/.exec(tag)
    if (opening?.[1] === undefined) return false
    if (opening[2] === '') open.push(opening[1])
  }
  return open.length === 0
}

function parse(text: string): Fields | undefined {
  let roots: unknown
  try {
    roots = parser.parse(text.trim())
  } catch {
    return undefined
  }
  if (!Array.isArray(roots) || roots.length !== 1) return undefined
  const members = childrenOf(roots[0], 'xml')
  if (members === undefined) return undefined
  const fields = new Map<string, string>()
  for (const member of members) {
    if (!isRecord(member)) return undefined
    const names = Object.keys(member)
    const [name] = names
    if (name === undefined || names.length !== 1) return undefined
    if (name === TEXT) {
      // White space between members is layout; anything else isn't ours.
      if (typeof member[TEXT] !== 'string' || member[TEXT].trim() !== '') return undefined
      continue
    }
    const value = MEMBER_NAME.test(name) ? textOf(member[name]) : undefined
    if (value === undefined || fields.has(name)) return undefined
    fields.set(name, value)
  }
  return fields
}

function childrenOf(node: unknown, name: string): unknown[] | undefined {
  if (!isRecord(node) || Object.keys(node).length !== 1) return undefined
  const children = node[name]
  return Array.isArray(children) ? children : undefined
}

function textOf(nodes: unknown): string | undefined {
  if (!Array.isArray(nodes)) return undefined
  const parts: unknown[] = nodes
  const cdata = parts.flatMap((part) => childrenOf(part, CDATA) ?? [])
  const hasCdata = parts.some((part) => childrenOf(part, CDATA) !== undefined)
  const texts = parts.filter((part) => childrenOf(part, CDATA) === undefined)
  let text = ''
  for (const part of [...texts, ...cdata]) {
    if (!isRecord(part) || Object.keys(part).length !== 1) return undefined
    const value = part[TEXT]
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    if (!hasCdata) {
      const decoded = decodeEntities(String(value))
      if (decoded === undefined) return undefined
      text += decoded
    } else if (cdata.includes(part)) text += String(value)
    // Beside a CDATA section only white space is allowed.
    else if (String(value).trim() !== '') return undefined
  }
  return text
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decodeEntities(text: string): string | undefined {
  let bad = false
  const decoded = text.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
    const value = whole.endsWith(';') ? entity(name) : undefined
    if (value === undefined) bad = true
    return value ?? ''
  })
  return bad ? undefined : decoded
}

function entity(name: string): string | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  const reference = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
  if (reference === null) return undefined
  const code = reference[1] === undefined ? Number(reference[2]) : Number.parseInt(reference[1], 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  const char = String.fromCodePoint(code)
  return hasForbiddenCharacter(char) ? undefined : char
}

function hasForbiddenCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (
      (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) ||
      code === 0xfffe ||
      code === 0xffff
    )
      return true
  }
  return false
}

/** Writes a flat document: numbers bare, text in CDATA as WeChat Pay does. */
export function writeXml(
  fields: Readonly<Record<string, string | number>>,
  root: 'xml' | 'root' = 'xml',
): string {
  const members = Object.entries(fields).map(([name, value]) => `<${name}>${writeValue(value)}</${name}>`)
  return `<${root}>${members.join('\n')}\n</${root}>`
}

function writeValue(value: string | number): string {
  if (typeof value === 'number') return String(value)
  // A section can't hold its own end: such a value is escaped instead, in one piece.
  if (value.includes(']]>')) return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  return `<![CDATA[${value}]]>`
}
