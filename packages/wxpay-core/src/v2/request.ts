/** @module Builds a signed v2 request in one pass over its sorted members. */
import type { V2Signer, V2Value } from './sign.ts'
import { writeMember } from './xml.ts'

/**
 * The XML to send: members sorted and signed as they are written, empty ones left out, `sign` last. The same pass
 * makes the text that is signed, so the two cannot disagree.
 */
export function signedDocument(members: Readonly<Record<string, V2Value>>, signer: V2Signer): string {
  let joined = ''
  let xml = '<xml>'
  for (const name of Object.keys(members).sort()) {
    const value = members[name]
    if (value === undefined || value === null || value === '') continue
    const text = String(value)
    joined += `${joined && '&'}${name}=${text}`
    xml += writeMember(name, text)
  }
  return `${xml}${writeMember('sign', signer.sign(joined))}</xml>`
}
