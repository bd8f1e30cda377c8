import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, send } from './merchant.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await aSandbox()
})
afterAll(cleanUp)

const certificate = (file: string) => new X509Certificate(readFileSync(file, 'utf8'))

test('the CA is a CA and signs a server certificate for the loopback names', () => {
  const ca = certificate(sandbox.info.caFile)
  const server = certificate(join(sandbox.infoFile, '../server.pem'))
  expect(ca.ca).toBe(true)
  expect(ca.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(Date.parse(ca.validTo) - Date.now()).toBeGreaterThan(10 * 365 * 86_400_000)
  expect(server.ca).toBe(false)
  expect(server.checkIssued(ca)).toBe(true)
  expect(server.verify(ca.publicKey)).toBe(true)
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(server.checkIP('::1')).toBe('::1')
  expect(server.checkHost('localhost')).toBe('localhost')
})

test('the merchant certificate belongs to its key and has a serial number as WeChat writes them', () => {
  const { certFile, keyFile, serialNo, mchid } = sandbox.info
  const merchant = certificate(certFile)
  expect(serialNo).toMatch(/^[0-9A-F]{40}$/)
  expect(merchant.serialNumber).toBe(serialNo)
  expect(merchant.subject).toContain(`CN=${mchid}`)
  expect(merchant.checkPrivateKey(createPrivateKey(readFileSync(keyFile, 'utf8')))).toBe(true)
  const issuer = certificate(join(sandbox.infoFile, '../merchant-ca.pem'))
  expect(merchant.verify(issuer.publicKey)).toBe(true)
})

test('every name is distinct and of the right form', () => {
  const { info } = sandbox
  expect(info.appid).toMatch(/^wx[0-9a-f]{16}$/)
  expect(info.mchid).toMatch(/^\d{10}$/)
  expect(info.publicKeyId).toMatch(new RegExp(`^PUB_KEY_ID_01${info.mchid}\\d{16}$`))
  expect(info.platformSerialNo).toMatch(/^[0-9A-F]{40}$/)
  expect(info.platformSerialNo).not.toBe(info.serialNo)
})

test('a client that does not know the CA sends nothing', async () => {
  await expect(send(`${sandbox.info.baseUrl}/v3/certificates`)).rejects.toThrow(/certificate/)
})

test('the pay host asks for a client certificate, takes the merchant’s, and none', async () => {
  const port = Number(new URL(sandbox.info.baseUrl).port)
  const handshake = (options: object) =>
    new Promise<boolean>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: sandbox.caPem, ...options }, () => {
        resolve(socket.authorized)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  const own = { cert: readFileSync(sandbox.info.certFile), key: readFileSync(sandbox.info.keyFile) }
  expect(await handshake({})).toBe(true)
  expect(await handshake(own)).toBe(true)
})
