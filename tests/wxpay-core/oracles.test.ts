/**
 * @module Other SDKs as judges, where they are right: for whatever legal text there is, they make what we make, take what we
 * make, and we take what they make. Where one of them is known to be wrong, the text is kept out of its way, and why is said.
 */
import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import {
  createNotificationReader,
  createV3Verifier,
  createWxpayV2,
  createWxpayV3,
  decryptReqInfo,
  decryptResource,
  encryptField,
  readApiV3Key,
  readFlatXml,
  readReqInfoKey,
  requestMessage,
  signRsaSha256,
  signV2,
  verifyRsaSha256,
  writeFlatXml,
} from 'wxpay-core'
import { signedDocument } from 'wxpay-core/src/v2/request.ts'
import { createV2Signer, isSignedBy } from 'wxpay-core/src/v2/sign.ts'
import { authorization } from 'wxpay-core/src/v3/sign.ts'
import { apiV3Key, appid, fixture, mchid, merchantSerialNo, publicKeyId, v2Key } from './fixtures.ts'
import { aPaidTransaction, openField, sealed } from './wechat-side.ts'

type Members = Readonly<Record<string, string>>
type SignType = 'MD5' | 'HMAC-SHA256'

// ---- the judges, with as much of them as is asked here ----

interface Tenpay {
  _getSign(members: Members, type: SignType): string
  _parse(xml: string, type: string, signType: SignType): Promise<Members>
  getPayParamsByPrepay(order: { prepay_id: string }, type: SignType): Members
}
const TenpayClass = jest.requireActual<new (config: object) => Tenpay>('tenpay')
const tenpayUtil = jest.requireActual<{
  buildXML(members: Members): string
  parseXML(xml: string): Promise<Members>
  decrypt(sealed: string, key: string): string
  md5(text: string): string
}>('tenpay/lib/util.js')
const tenpay = new TenpayClass({ appid, mchid, partnerKey: v2Key })

const plugin = jest.requireActual<typeof import('wechatpay-axios-plugin')>('wechatpay-axios-plugin')
const { Aes, Formatter, Hash, Rsa, Transformer } = plugin
const v2Secret = Hash.keyObjectFrom(Buffer.from(v2Key))
const merchantKey = createPrivateKey(fixture('merchant.key.pem'))
const merchantPublicKey = createPublicKey(fixture('merchant.key.pem'))
const platformKey = createPrivateKey(fixture('wxpay.key.pem'))
const platformPublicKey = createPublicKey(fixture('wxpay.pub.pem'))

interface NodeV3 {
  getSignature(method: string, nonce: string, timestamp: string, path: string, body?: string): string
  getAuthorization(nonce: string, timestamp: string, signature: string): string
  verifySign(message: Members): Promise<boolean>
  decipher_gcm(ciphertext: string, aad: string, nonce: string, key: string): unknown
  privateDecrypt(sealed: string): string
  publicEncrypt(text: string, key: string): string
  sign(text: string): string
}
const NodeV3Class = jest.requireActual<
  (new (config: object) => NodeV3) & { certificates: Record<string, string> }
>('wechatpay-node-v3')
const nodeV3 = new NodeV3Class({
  appid,
  mchid,
  publicKey: Buffer.from(fixture('merchant.cert.pem')),
  privateKey: Buffer.from(fixture('merchant.key.pem')),
  key: apiV3Key,
})
NodeV3Class.certificates = { [publicKeyId]: fixture('wxpay.pub.pem') }

interface EasyPay {
  getMerchant(): unknown
  getUtils(): {
    buildMiniAppConfig(
      prepayId: string,
      appid: string,
    ): Record<'timeStamp' | 'nonceStr' | 'package' | 'paySign', string>
  }
}
const { Pay } = jest.requireActual<{ Pay: new (config: object) => EasyPay }>('node-easywechat')
const easyFile = (name: string): string => `${__dirname}/fixtures/${name}`
const easy = new Pay({
  app_id: appid,
  mch_id: mchid,
  private_key: easyFile('merchant.key.pem'),
  certificate: easyFile('merchant.cert.pem'),
  secret_key: apiV3Key,
  v2_secret_key: v2Key,
})
const EasySignature = jest.requireActual<
  new (
    merchant: unknown,
  ) => {
    createHeader(method: string, url: string, payload: object, nonce: string, timestamp: string): string
  }
>('node-easywechat/dist/Pay/Signature.js')
const EasyLegacySignature = jest.requireActual<
  new (
    merchant: unknown,
  ) => { sign(members: Members): Members }
>('node-easywechat/dist/Pay/LegacySignature.js')
const { AES, AES_GCM } = jest.requireActual<{
  AES: {
    decrypt(sealed: string, key: string, iv: string, padding: boolean, method: string): Buffer
    encrypt(plain: string, key: string, iv: string, padding: boolean, method: string): Buffer
  }
  AES_GCM: {
    encrypt(plain: string, key: string, nonce: string, aad: string): Buffer
    decrypt(sealed: string, key: string, nonce: string, aad: string): Buffer
  }
}>('node-easywechat/dist/Core/Support/AES.js')

// ---- what there is to say ----

/**
 * Text that XML can carry, without what one of the judges changes while it reads: blanks at the ends (all three trim), a
 * carriage return, and the end of a CDATA section (wechatpay-axios-plugin writes it as it is).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
const unsayable = /[\u0000-\u001f\u007f-\u009f\ufeff\ufffe\uffff]|\p{Surrogate}|\]\]>|^\s|\s$/u
const value = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((text) => !unsayable.test(text))
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/).filter(
  // What Object.prototype has, and what the protocol itself names. A lone `_` is how xml2js names text.
  (text) =>
    !(text in {}) && !['sign', 'sign_type', 'xml', 'nonce_str', 'sub_mch_id', 'sub_appid'].includes(text),
)
const members = fc
  .dictionary(name, value, { minKeys: 1, maxKeys: 12 })
  .map((all): Members => ({ ...all, nonce_str: 'n' }))
const signType = fc.constantFrom<SignType>('MD5', 'HMAC-SHA256')
const anyText = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !/\p{Surrogate}/u.test(text))
const token = fc.stringMatching(/^[A-Za-z0-9]{1,32}$/)
const second = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map(String)
const path = fc.stringMatching(/^\/v3\/[A-Za-z0-9/_-]{1,60}$/)
const runs = { numRuns: 200 }

describe('v2', () => {
  test('tenpay, wechatpay-axios-plugin and node-easywechat sign the same members alike', () => {
    fc.assert(
      fc.property(members, signType, (all, type) => {
        const sign = signV2(all, v2Key, type)
        expect(tenpay._getSign(all, type)).toBe(sign)
        expect(Hash.sign(type, { ...all }, v2Secret)).toBe(sign)
        const typed = { ...all, sign_type: type }
        expect(new EasyLegacySignature(easy.getMerchant()).sign({ ...typed }).sign).toBe(
          signV2(typed, v2Key, type),
        )
      }),
      runs,
    )
  })

  test('tenpay and wechatpay-axios-plugin leave empty members out, as we do', () => {
    fc.assert(
      fc.property(members, name, signType, (all, empty, type) => {
        const more = { ...all, [empty]: '' }
        expect(signV2(more, v2Key, type)).toBe(tenpay._getSign(more, type))
        expect(signV2(more, v2Key, type)).toBe(Hash.sign(type, { ...more }, v2Secret))
      }),
      runs,
    )
  })

  test('they take the document that we signed, with every member as it was', async () => {
    const head = { return_code: 'SUCCESS', result_code: 'SUCCESS', appid, mch_id: mchid }
    await fc.assert(
      fc.asyncProperty(members, signType, async (all, type) => {
        const document = signedDocument({ ...all, ...head }, createV2Signer(v2Key, type))
        const sign = signV2({ ...all, ...head }, v2Key, type)
        expect({ ...(await tenpay._parse(document, 'unifiedorder', type)) }).toEqual({
          ...all,
          ...head,
          sign,
        })
        const [parse, verifier] = new Transformer(mchid, v2Secret).response as readonly ((
          this: object,
          ...given: readonly unknown[]
        ) => unknown)[]
        const read = parse?.call({ url: '/pay/unifiedorder' }, document)
        expect(verifier?.call({ url: '/pay/unifiedorder' }, read, {}, 200)).toEqual({ ...all, ...head, sign })
      }),
      runs,
    )
  })

  test('we take the document that they signed, with every member as it was', () => {
    fc.assert(
      fc.property(members, signType, (all, type) => {
        const signer = createV2Signer(v2Key, type)
        const theirs = [
          tenpayUtil.buildXML({ ...all, sign: tenpay._getSign(all, type) }),
          String(Transformer.toXml({ ...all, sign: Hash.sign(type, { ...all }, v2Secret) })),
        ]
        for (const xml of theirs) {
          // tenpay's builder indents, which WeChat's own XML does too.
          const read = readFlatXml(Buffer.from(xml))
          expect(isSignedBy(read, signer)).toBe(true)
          const { sign: _, ...rest } = Object.fromEntries(read)
          expect(rest).toEqual(all)
        }
      }),
      runs,
    )
  })

  test('what one writes as XML, the other reads', async () => {
    await fc.assert(
      fc.asyncProperty(members, async (all) => {
        expect({ ...(await tenpayUtil.parseXML(writeFlatXml(all))) }).toEqual(all)
        expect(Transformer.toObject.call({}, writeFlatXml(all))).toEqual(all)
      }),
      runs,
    )
  })

  test('an encrypted refund notification opens alike, and the same members come out', () => {
    const key = readReqInfoKey(v2Key)
    const hash = tenpayUtil.md5(v2Key)
    fc.assert(
      fc.property(anyText, (plain) => {
        const text = AES.encrypt(plain, hash, '', true, 'aes-256-ecb').toString('base64')
        expect(decryptReqInfo(text, key)?.toString('utf8')).toBe(plain)
        expect(tenpayUtil.decrypt(text, hash)).toBe(plain)
        expect(Aes.AesEcb.decrypt(text, Hash.md5(v2Key))).toBe(plain)
      }),
      runs,
    )
  })

  test('the parameters for the phone are signed alike', () => {
    const client = createWxpayV2({ appid, mchid, key: v2Key, signType: 'MD5' })
    fc.assert(
      fc.property(fc.stringMatching(/^wx[0-9a-f]{10,40}$/), (prepayId) => {
        const { paySign, ...params } = client.paymentParams(prepayId)
        // It signs appId too, which our parameters do not hand over: the mini-program knows it.
        expect(tenpay._getSign({ ...params, appId: appid }, 'MD5')).toBe(paySign)
        const {
          paySign: theirs = '',
          timestamp: _,
          ...rest
        } = tenpay.getPayParamsByPrepay({ prepay_id: prepayId }, 'MD5')
        expect(signV2(rest, v2Key, 'MD5')).toBe(theirs)
      }),
      runs,
    )
    client.destroy()
  })
})

describe('v3', () => {
  test('the same request gets the same signature from all three, and each Authorization says the same', () => {
    fc.assert(
      fc.property(path, second, token, anyText, (where, timestamp, nonce, body) => {
        fc.pre(body !== '')
        const message = requestMessage({ method: 'POST', path: where, timestamp, nonce, body })
        const signature = signRsaSha256(message, merchantKey)
        expect(Formatter.request('POST', where, Number(timestamp), nonce, body)).toBe(message)
        expect(Rsa.sign(message, merchantKey)).toBe(signature)
        expect(nodeV3.getSignature('POST', nonce, timestamp, where, body)).toBe(signature)
        const ours = partsOf(
          authorization({ mchid, serialNo: merchantSerialNo, timestamp, nonce, signature }),
        )
        const header = new EasySignature(easy.getMerchant()).createHeader(
          'POST',
          where,
          { data: body },
          nonce,
          timestamp,
        )
        expect(partsOf(header)).toEqual(ours)
        expect(
          partsOf(String(Formatter.authorization(mchid, nonce, signature, timestamp, merchantSerialNo))),
        ).toEqual(ours)
        // wechatpay-node-v3 writes the serial number in lower case.
        const theirs = partsOf(nodeV3.getAuthorization(nonce, timestamp, signature))
        expect({ ...theirs, serial_no: theirs.serial_no?.toUpperCase() }).toEqual(ours)
      }),
      { numRuns: 30 },
    )
  })

  test('a GET is signed alike, with its query as it is sent', () => {
    fc.assert(
      fc.property(path, token, second, token, (where, query, timestamp, nonce) => {
        const asked = `${where}?mchid=${query}`
        const signature = signRsaSha256(
          requestMessage({ method: 'GET', path: asked, timestamp, nonce, body: '' }),
          merchantKey,
        )
        expect(nodeV3.getSignature('GET', nonce, timestamp, asked)).toBe(signature)
        const header = new EasySignature(easy.getMerchant()).createHeader(
          'GET',
          where,
          { params: { mchid: query } },
          nonce,
          timestamp,
        )
        expect(partsOf(header).signature).toBe(signature)
      }),
      { numRuns: 30 },
    )
  })

  test('each takes the signatures of the other, and neither takes one for other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(second, token, anyText, anyText, async (timestamp, nonce, body, other) => {
        const message = `${timestamp}\n${nonce}\n${body}\n`
        const signature = Rsa.sign(message, platformKey)
        expect(signRsaSha256(message, platformKey)).toBe(signature)
        const about = { timestamp, nonce, serial: publicKeyId, signature }
        for (const text of [body, other]) {
          const signed = `${timestamp}\n${nonce}\n${text}\n`
          const genuine = verifyRsaSha256([signed], signature, platformPublicKey)
          expect(genuine).toBe(text === body)
          expect(Rsa.verify(signed, signature, platformPublicKey)).toBe(genuine)
          expect(await nodeV3.verifySign({ ...about, body: text })).toBe(genuine)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('what they seal we open, and what is sealed without them all of us open alike', () => {
    const key = readApiV3Key(apiV3Key)
    const nonce = fc.stringMatching(/^[A-Za-z0-9]{12}$/)
    fc.assert(
      fc.property(anyText, nonce, fc.stringMatching(/^[a-z]{0,16}$/), (plain, iv, aad) => {
        const algorithm = 'AEAD_AES_256_GCM'
        const theirs = [
          Aes.AesGcm.encrypt(plain, apiV3Key, iv, aad),
          AES_GCM.encrypt(plain, apiV3Key, iv, aad).toString('base64'),
        ]
        for (const ciphertext of theirs) {
          const resource = { algorithm, ciphertext, nonce: iv, associated_data: aad }
          expect(decryptResource(resource, key)?.toString('utf8')).toBe(plain)
        }
        const { ciphertext, nonce: ivOfOurs } = sealed(plain, aad)
        expect(Aes.AesGcm.decrypt(ciphertext, apiV3Key, ivOfOurs, aad)).toBe(plain)
        expect(AES_GCM.decrypt(ciphertext, apiV3Key, ivOfOurs, aad).toString('utf8')).toBe(plain)
        const json = sealed(JSON.stringify({ plain }), aad)
        expect(nodeV3.decipher_gcm(json.ciphertext, aad, json.nonce, apiV3Key)).toEqual({ plain })
      }),
      runs,
    )
  })

  test('a notification made with their signature and their encryption is read, word for word', async () => {
    const reader = createNotificationReader({
      appid,
      mchid,
      v3: {
        apiV3Key,
        verifier: createV3Verifier({ publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') } }),
      },
    })
    const fen = fc.integer({ min: 1, max: 10_000_000_000 })
    await fc.assert(
      fc.asyncProperty(anyText, fen, token, async (attach, total, nonce) => {
        const content = {
          ...aPaidTransaction,
          attach,
          amount: { total, payer_total: total, currency: 'CNY', payer_currency: 'CNY' },
        }
        const body = JSON.stringify({
          id: 'EV-2018022511223320873',
          create_time: '2026-11-23T12:00:01+08:00',
          resource_type: 'encrypt-resource',
          event_type: 'TRANSACTION.SUCCESS',
          summary: '支付成功',
          resource: {
            algorithm: 'AEAD_AES_256_GCM',
            original_type: 'transaction',
            associated_data: 'transaction',
            nonce: 'katvtHDDPxkw',
            ciphertext: Aes.AesGcm.encrypt(JSON.stringify(content), apiV3Key, 'katvtHDDPxkw', 'transaction'),
          },
        })
        const timestamp = Formatter.timestamp()
        const signature = Rsa.sign(String(Formatter.response(timestamp, nonce, body)), platformKey)
        const headers = {
          'Wechatpay-Timestamp': String(timestamp),
          'Wechatpay-Nonce': nonce,
          'Wechatpay-Serial': publicKeyId,
          'Wechatpay-Signature': signature,
        }
        const { paid, trade } = await reader.openPayment({ headers, body: Buffer.from(body) })
        expect(paid).toBe(true)
        expect(trade.totalFen).toBe(total)
        expect(trade.attach ?? '').toBe(attach)
      }),
      { numRuns: 60 },
    )
  })

  test('a sensitive field that we seal opens for each of them, and theirs opens the way ours does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text))
        // They hold the merchant's key, so this one is sealed for the merchant, as WeChat does in its answers.
        const ours = encryptField(text, merchantPublicKey)
        expect(Rsa.decrypt(ours, merchantKey)).toBe(text)
        expect(nodeV3.privateDecrypt(ours)).toBe(text)
        expect(openField(String(Rsa.encrypt(text, platformPublicKey)))).toBe(text)
        expect(openField(nodeV3.publicEncrypt(text, fixture('wxpay.pub.pem')))).toBe(text)
        expect(openField(encryptField(text, platformPublicKey))).toBe(text)
      }),
      { numRuns: 20 },
    )
  })

  test('paySign is the signature that each of them makes', () => {
    const client = createWxpayV3({
      appid,
      mchid,
      apiV3Key,
      privateKeyPem: fixture('merchant.key.pem'),
      certificatePem: fixture('merchant.cert.pem'),
      publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
    })
    fc.assert(
      fc.property(fc.stringMatching(/^wx[0-9a-f]{10,40}$/), (prepayId) => {
        const { timeStamp, nonceStr, package: prepay, paySign } = client.paymentParams(prepayId)
        const message = String(Formatter.joinedByLineFeed(appid, timeStamp, nonceStr, prepay))
        expect(Rsa.sign(message, merchantKey)).toBe(paySign)
        expect(nodeV3.sign(message)).toBe(paySign)
        const theirs = easy.getUtils().buildMiniAppConfig(prepayId, appid)
        const signed = `${appid}\n${theirs.timeStamp}\n${theirs.nonceStr}\n${theirs.package}\n`
        const bytes = Buffer.from(theirs.paySign, 'base64')
        expect(verify('sha256', Buffer.from(signed), merchantPublicKey, bytes)).toBe(true)
      }),
      { numRuns: 20 },
    )
    client.destroy()
  })
})

/** The members of an `Authorization`, whatever order they come in. */
function partsOf(header: string): Members {
  const [scheme = ''] = header.split(' ')
  const pairs = [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text])
  return { scheme, ...Object.fromEntries(pairs) }
}
