/** @module The phone's own line to the preview's server: login and the cashier. */
import type { PhoneConfig } from './phone-config.ts'

/** Posts JSON to the preview's server, with the token that only the phone's page knows. */
export async function askServer(
  config: PhoneConfig,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`/-/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-preview-token': config.token },
    body: JSON.stringify({ openid: config.shopper.openid, ...body }),
  })
  const answer: unknown = await response.json()
  const fields = typeof answer === 'object' && answer !== null ? { ...answer } : {}
  if (!response.ok)
    throw new Error('error' in fields ? String(fields.error) : `preview server answered ${response.status}`)
  return fields
}
