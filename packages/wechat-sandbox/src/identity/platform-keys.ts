/**
 * @module The platform certificates (平台证书) and their rotation: announced beside the old one, then signing, then alone.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Store } from '../state/store.ts'
import type { PlatformCertificate } from '../state/tables.ts'
import type { Identity } from './identity.ts'

export interface PlatformKey {
  readonly serialNo: string
  readonly certPem: string
  readonly key: KeyObject
}

export interface PlatformKeys {
  /** Signs answers and notifications. */
  active(): PlatformKey
  /** What GET /v3/certificates hands out, oldest first. */
  listed(): readonly PlatformKey[]
  states(): readonly Pick<PlatformCertificate, 'serialNo' | 'state'>[]
  /** The next step: a new one is announced; it signs; the old one is gone. */
  rotate(): Promise<void>
}

/** @param rotated is called after each step of a rotation. */
export function openPlatformKeys(store: Store, identity: Identity, rotated: () => void): PlatformKeys {
  const keys = new Map<string, PlatformKey>()

  const records = (): readonly PlatformCertificate[] => {
    const kept = [...store.all('platformCertificate')]
    if (kept.length > 0) return kept
    const { platformSerialNo: serialNo, platformCertPem: certPem, platformKeyPem: keyPem } = identity
    return [{ serialNo, certPem, keyPem, state: 'active' }]
  }
  const open = ({ serialNo, certPem, keyPem }: PlatformCertificate): PlatformKey => {
    const known = keys.get(serialNo) ?? { serialNo, certPem, key: createPrivateKey(keyPem) }
    keys.set(serialNo, known)
    return known
  }
  const put = (record: PlatformCertificate) =>
    ({ table: 'platformCertificate', id: record.serialNo, value: record }) as const

  return {
    active() {
      const [first] = records().filter(({ state }) => state === 'active')
      if (first === undefined) throw new Error('there is no platform certificate that signs')
      return open(first)
    },
    listed: () => records().map(open),
    states: () => records().map(({ serialNo, state }) => ({ serialNo, state })),
    async rotate() {
      const before = records()
      const announced = before.find(({ state }) => state === 'announced')
      const old = before.filter(({ state }) => state === 'old')
      if (announced !== undefined) {
        store.commit(
          before.map((record) => put({ ...record, state: record === announced ? 'active' : 'old' })),
        )
      } else if (old.length > 0) {
        store.commit(old.map(({ serialNo }) => ({ table: 'platformCertificate', id: serialNo, value: null })))
      } else {
        const made = await identity.issuePlatformCertificate()
        store.commit([...before.map(put), put({ ...made, state: 'announced' })])
      }
      rotated()
    },
  }
}
