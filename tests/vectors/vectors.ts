/** @module Loads the published vectors beside this file; every one keeps its source. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Vector {
  readonly id: string
  readonly kind: string
}

interface KeyEntry {
  readonly type: string
  readonly der_base64: string
}

export function loadVectors<V extends Vector>(file: string): readonly V[] {
  return JSON.parse(readFileSync(join(__dirname, 'data', file), 'utf8'))
}

/** Vectors of one kind, as rows for `test.each`. */
export function rowsOf<V extends Vector>(vectors: readonly V[], kind: V['kind']): [string, V][] {
  return vectors.filter((vector) => vector.kind === kind).map((vector) => [vector.id, vector])
}

const keys: Readonly<Record<string, KeyEntry>> = JSON.parse(
  readFileSync(join(__dirname, 'data', 'keys.json'), 'utf8'),
)

export function keyEntry(name: string): { readonly type: string; readonly der: Buffer } {
  const entry = keys[name]
  if (entry === undefined) throw new Error(`no key ${name}`)
  return { type: entry.type, der: Buffer.from(entry.der_base64, 'base64') }
}

export function privateKeyOf(name: string): KeyObject {
  return createPrivateKey({ key: keyEntry(name).der, format: 'der', type: 'pkcs8' })
}

/** The public key of a key or certificate; certificates are expired or self-signed and used as keys only. */
export function publicKeyOf(name: string): KeyObject {
  const { type, der } = keyEntry(name)
  if (type === 'x509') return new X509Certificate(der).publicKey
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

export function pemOf(name: string): string {
  const { type, der } = keyEntry(name)
  if (type === 'x509') return new X509Certificate(der).toString()
  return publicKeyOf(name).export({ format: 'pem', type: 'spki' }).toString()
}
