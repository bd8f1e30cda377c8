import { createCipheriv, createSecretKey } from 'node:crypto'
import {
  createNotificationReader,
  decryptReqInfo,
  FlatXmlError,
  readFlatXml,
  readReqInfoKey,
  WxpayError,
} from 'wxpay-core'
import { loadVectors, rowsOf } from './vectors.ts'

interface RefundNotifyVector {
  readonly id: string
  readonly kind: string
  readonly apiKey: string
  readonly key: string
  readonly plaintext: string
  readonly req_info: string
  readonly xml: string
  readonly expected: {
    readonly plaintext: string
    readonly fields?: Readonly<Record<string, string>>
    readonly ciphertext: string
    readonly deterministicEncrypt?: boolean
  }
}

const vectors = loadVectors<RefundNotifyVector>('v2-refund-notify.json')
const reqInfos = rowsOf(vectors, 'v2-req-info')

test('every published refund notification is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(5)
  const handled = ['v2-req-info', 'aes-256-ecb', 'v2-notify-xml']
  expect(vectors.filter(({ kind }) => !handled.includes(kind))).toEqual([])
})

test.each(reqInfos)('%s opens as published', (_, { apiKey, req_info, expected }) => {
  expect(decryptReqInfo(req_info, readReqInfoKey(apiKey))?.toString('utf8')).toBe(expected.plaintext)
})

test.each(reqInfos)('%s opens with no other key', (_, { apiKey, req_info, expected }) => {
  const other = readReqInfoKey(apiKey.toLowerCase() === apiKey ? apiKey.toUpperCase() : apiKey.toLowerCase())
  expect(decryptReqInfo(req_info, other)?.toString('utf8')).not.toBe(expected.plaintext)
})

test.each(reqInfos.filter(([, { expected }]) => expected.fields !== undefined))(
  '%s is read as published',
  (_, { expected }) => {
    const fields = readFlatXml(Buffer.from(expected.plaintext), 'root')
    expect(Object.fromEntries(fields)).toEqual(expected.fields)
  },
)

// sigoden's sample encrypts JSON, to have something short. It opens; a notification it is not.
test('v2-reqinfo-sigoden-small opens and is no notification', () => {
  const small = vectors.find(({ id }) => id === 'v2-reqinfo-sigoden-small')
  const opened = decryptReqInfo(small?.req_info ?? '', readReqInfoKey(small?.apiKey ?? ''))
  expect(opened?.toString()).toBe('{"a":3}')
  expect(() => readFlatXml(opened ?? Buffer.alloc(0), 'root')).toThrow(FlatXmlError)
})

test.each(rowsOf(vectors, 'aes-256-ecb'))('%s opens as published', (_, { key, plaintext, expected }) => {
  const secret = createSecretKey(key, 'utf8')
  expect(decryptReqInfo(expected.ciphertext, secret)?.toString()).toBe(plaintext)
  const cipher = createCipheriv('aes-256-ecb', secret, null)
  expect(cipher.update(plaintext, 'utf8', 'base64') + cipher.final('base64')).toBe(expected.ciphertext)
})

// A real capture, in an envelope like WeChat's: the whole way through the reader.
test('v2-reqinfo-senparc-real is read as a refund, unverified', async () => {
  const real = vectors.find(({ id }) => id === 'v2-reqinfo-senparc-real')
  const reader = createNotificationReader({
    appid: 'wx2421b1c4370ec43b',
    mchid: '10000100',
    v2: { key: real?.apiKey ?? '' },
  })
  const xml =
    '<xml><return_code>SUCCESS</return_code><appid><![CDATA[wx2421b1c4370ec43b]]></appid>' +
    '<mch_id><![CDATA[10000100]]></mch_id><nonce_str><![CDATA[TeqClE3i0mvn3DrK]]></nonce_str>' +
    `<req_info><![CDATA[${real?.req_info}]]></req_info></xml>`
  expect(await reader.openRefund({ headers: {}, body: Buffer.from(xml) })).toEqual({
    api: 'v2',
    id: '50000505542018011003064518841:SUCCESS',
    verified: false,
    refund: {
      outRefundNo: '2531340110812300',
      refundId: '50000505542018011003064518841',
      outTradeNo: '2531340110812100',
      transactionId: '4200000052201801101409025381',
      status: 'SUCCESS',
      rawStatus: 'SUCCESS',
      refundFen: 1,
      totalFen: 1,
      settlementRefundFen: 1,
      successAt: Date.parse('2018-01-10T02:31:24Z'),
      receivedAccount: '支付用户零钱',
      source: 'API',
    },
  })
})

// The documentation's own sample: its members can be read, its req_info is not ciphertext, so it is refused.
test.each(rowsOf(vectors, 'v2-notify-xml'))('%s has these members, and does not open', async (_, vector) => {
  const members = readFlatXml(Buffer.from(vector.xml))
  expect(Object.fromEntries(members)).toMatchObject(vector.expected.fields ?? {})
  expect(members.has('sign')).toBe(false)
  const reader = createNotificationReader({
    appid: members.get('appid') ?? '',
    mchid: members.get('mch_id') ?? '',
    v2: { key: '192006250b4c09247ec02edce69f6a2d' },
  })
  await expect(reader.openRefund({ headers: {}, body: Buffer.from(vector.xml) })).rejects.toThrow(
    new WxpayError('ERR_WXPAY_NOTIFY_DECRYPT', 'the content does not open with this APIv2 key'),
  )
})

test('no key of req_info is made of anything but an APIv2 key', () => {
  for (const key of ['', 'x'.repeat(31), 'x'.repeat(33)]) {
    expect(() => readReqInfoKey(key)).toThrow('key must be the APIv2 key: exactly 32 printable characters')
  }
})

test('v2-md5-of-key-lowercase: the key of req_info is the lower-case digest', () => {
  const [vector] = loadVectors<RefundNotifyVector & { input: string; expected: { hex: string } }>(
    'v2-sign.json',
  ).filter(({ id }) => id === 'v2-md5-of-key-lowercase')
  const key = readReqInfoKey(vector?.input ?? '')
  expect(key.export().toString('latin1')).toBe(vector?.expected.hex)
})
