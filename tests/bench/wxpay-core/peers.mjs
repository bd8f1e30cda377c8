/** @module What other people's SDKs do for the same messages, put together as their READMEs show it. */
import { createRequire } from 'node:module'
import {
  apiV3Key,
  appid,
  fixtureFile,
  mchid,
  merchant,
  platform,
  platformSerial,
  v2Key,
  v3Notice,
} from './subjects.mjs'

const require = createRequire(import.meta.url)
const Tenpay = require('tenpay')
const tenpayUtil = require('tenpay/lib/util.js')
const axiosPlugin = require('wechatpay-axios-plugin')
const NodeV3 = require('wechatpay-node-v3')
const easy = require('node-easywechat')

/** @typedef {Record<string, unknown>} Members */
/** @typedef {'MD5' | 'HMAC-SHA256'} SignType */

export const tenpay = (() => {
  const client = new Tenpay({ appid, mchid, partnerKey: v2Key, notify_url: 'https://shop.example.com/n' })
  return {
    client,
    sign: (/** @type {Members} */ members, /** @type {string} */ type) => client._getSign(members, type),
    requestBody(/** @type {Members} */ members) {
      const all = { ...members, nonce_str: tenpayUtil.generate() }
      return Buffer.from(tenpayUtil.buildXML({ ...all, sign: client._getSign(all, 'MD5') }))
    },
    openPaid: (/** @type {Buffer} */ body, /** @type {string} */ type) =>
      client._parse(body.toString('utf8'), 'middleware_pay', type),
    openRefund: (/** @type {Buffer} */ body) => client._parse(body.toString('utf8'), 'middleware_refund'),
    paymentParams: () => client.getPayParamsByPrepay({ prepay_id: 'wx1' }, 'MD5'),
  }
})()

export const plugin = (() => {
  const { Aes, Formatter, Hash, Rsa, Transformer } = axiosPlugin
  const secret = Hash.keyObjectFrom(Buffer.from(v2Key))
  const transformer = new Transformer(mchid, secret)
  const reqInfoKey = Buffer.from(Hash.md5(v2Key))
  const privateKey = Rsa.from(merchant.privateKey, 'private')
  const publicKey = Rsa.from(platform.publicKey, 'public')
  // Two functions, of which its types say only that each is one of the two.
  const [signer, stringify] =
    /** @type {[(this: object, members: Members) => Members, (this: object, members: Members) => string]} */ (
      transformer.request
    )
  const toObject = /** @type {(xml: string) => Record<string, string>} */ (Transformer.toObject)
  return {
    sign: (/** @type {Members} */ members, /** @type {SignType} */ type) => Hash.sign(type, members, secret),
    requestBody(/** @type {Members} */ members) {
      const { nonce_str: _, sign_type: _type, ...rest } = members
      return Buffer.from(stringify.call({}, signer.call({}, rest)))
    },
    openPaid(/** @type {Buffer} */ body, /** @type {SignType} */ type) {
      const members = toObject(body.toString('utf8'))
      return Hash.equals(Hash.sign(type, members, secret), members.sign) ? members : null
    },
    openRefund(/** @type {Buffer} */ body) {
      const { req_info = '' } = toObject(body.toString('utf8'))
      return toObject(Aes.AesEcb.decrypt(req_info, reqInfoKey))
    },
    authorization(/** @type {string} */ body) {
      const nonce = Formatter.nonce()
      const time = Formatter.timestamp()
      const signature = Rsa.sign(
        Formatter.request('POST', '/v3/pay/transactions/jsapi', time, nonce, body),
        privateKey,
      )
      return Formatter.authorization(mchid, nonce, signature, time, 'SERIAL')
    },
    paySign: (/** @type {string} */ text) => Rsa.sign(text, privateKey),
    openV3() {
      const text = v3Notice.body.toString('utf8')
      const fits = Rsa.verify(
        Formatter.response(v3Notice.timestamp, v3Notice.nonce, text),
        v3Notice.signature,
        publicKey,
      )
      if (!fits) return null
      const { ciphertext, nonce, associated_data } = JSON.parse(text).resource
      return JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, associated_data))
    },
  }
})()

export const nodeV3 = (() => {
  const client = new NodeV3({
    appid,
    mchid,
    publicKey: Buffer.from(platform.publicKey),
    privateKey: Buffer.from(merchant.privateKey),
    serial_no: 'SERIAL',
    key: apiV3Key,
  })
  // Protected in its types; a fetch from WeChat Pay fills it otherwise.
  Object.assign(NodeV3, { certificates: { [platformSerial]: platform.publicKey } })
  return {
    client,
    authorization(/** @type {string} */ body) {
      const nonce = Math.random().toString(36).slice(2, 15)
      const time = String(Math.floor(Date.now() / 1000))
      return client.getAuthorization(
        nonce,
        time,
        client.getSignature('POST', nonce, time, '/v3/pay/transactions/jsapi', JSON.parse(body)),
      )
    },
    // biome-ignore lint/complexity/useLiteralKeys: protected in its types as well; its prepay calls are made of it
    paySign: (/** @type {string} */ text) => client['sign'](text),
    async openV3() {
      const text = v3Notice.body.toString('utf8')
      const { timestamp, nonce, signature } = v3Notice
      if (!(await client.verifySign({ timestamp, nonce, body: text, serial: platformSerial, signature })))
        return null
      const { resource } = JSON.parse(text)
      return client.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, apiV3Key)
    },
  }
})()

export const easywechat = (() => {
  const config = {
    app_id: appid,
    mch_id: mchid,
    private_key: fixtureFile('merchant.key.pem'),
    certificate: fixtureFile('merchant.cert.pem'),
    secret_key: apiV3Key,
    v2_secret_key: v2Key,
    platform_certs: [fixtureFile('platform-a.cert.pem')],
  }
  const app = new easy.Pay(config)
  const Signature = require('node-easywechat/dist/Pay/Signature.js')
  const LegacySignature = require('node-easywechat/dist/Pay/LegacySignature.js')
  const { buildXml, parseXml, createHash } = require('node-easywechat/dist/Core/Support/Utils.js')
  const { AES } = require('node-easywechat/dist/Core/Support/AES.js')
  const owner = app.getMerchant()
  return {
    app,
    sign: (/** @type {Record<string, string | number>} */ members) =>
      new LegacySignature(owner).sign({ ...members }).sign,
    requestBody(/** @type {Record<string, string | number>} */ members) {
      const { nonce_str: _, ...rest } = members
      return Buffer.from(buildXml(new LegacySignature(owner).sign(rest)))
    },
    async openPaid(/** @type {Buffer} */ body) {
      const members = await parseXml(body.toString('utf8'))
      return new LegacySignature(owner).sign({ ...members }).sign === members.sign ? members : null
    },
    async openRefund(/** @type {Buffer} */ body) {
      const { req_info } = await parseXml(body.toString('utf8'))
      return parseXml(AES.decrypt(req_info, createHash(v2Key, 'md5'), '', true, 'aes-256-ecb').toString())
    },
    authorization: (/** @type {string} */ body) =>
      new Signature(owner).createHeader('POST', '/v3/pay/transactions/jsapi', { data: body }),
    paySign: (/** @type {string} */ text) => app.getUtils().createSignature(text),
  }
})()
