/**
 * @module Whether the merchant's answer to a notification counts as received, exactly as each protocol says.
 */
import { isRecord, parseJson } from '../json.ts'
import type { Protocol } from '../state/tables.ts'
import { readXml } from '../v2/xml.ts'
import type { DeliveryAnswer } from './deliver.ts'

/** v3: 200 or 204 with nothing, or with code SUCCESS. v2: 200 with an XML whose return_code is SUCCESS. */
export function isAcknowledged(protocol: Protocol, answer: DeliveryAnswer): boolean {
  if ('error' in answer) return false
  const body = Buffer.from(answer.body)
  if (protocol === 'v3') {
    if (answer.status !== 200 && answer.status !== 204) return false
    if (answer.body.trim() === '') return true
    const json = parseJson(body)
    return isRecord(json) && json.code === 'SUCCESS'
  }
  if (answer.status !== 200) return false
  const reading = readXml(body)
  return reading.ok && reading.fields.get('return_code') === 'SUCCESS'
}
