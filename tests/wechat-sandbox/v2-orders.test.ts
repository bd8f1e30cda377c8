import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, fromXml, Merchant, START, send, toXml } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
const time = { now: START }

beforeAll(async () => {
  sandbox = await aSandbox({ time })
  merchant = new Merchant(sandbox, () => time.now)
})
afterAll(cleanUp)

const UNIFIED = '/pay/unifiedorder'

describe.each(['MD5', 'HMAC-SHA256'] as const)('with %s', (signType) => {
  const number = (name: string) => `${name}${signType.slice(0, 4)}`

  test('an order gets a prepay_id, signed with the algorithm of the request', async () => {
    const answer = await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: number('A') }), signType)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain')
    expect(answer.fields).toMatchObject({
      return_code: 'SUCCESS',
      return_msg: 'OK',
      appid: sandbox.info.appid,
      mch_id: sandbox.info.mchid,
      result_code: 'SUCCESS',
      trade_type: 'JSAPI',
    })
    expect(answer.fields.prepay_id).toMatch(/^wx[0-9a-f]{34}$/)
    expect(answer.fields.sign).toBe(merchant.signV2(answer.fields, signType))
    expect(answer.fields.sign).toHaveLength(signType === 'MD5' ? 32 : 64)
  })

  test('paid: the query states the payment, in fen and China time', async () => {
    expect(await merchant.buyV2({ out_trade_no: number('B'), attach: 'a' }, signType)).toEqual({
      errMsg: 'requestPayment:ok',
    })
    const { fields } = await merchant.queryV2(number('B'))
    expect(fields).toMatchObject({
      result_code: 'SUCCESS',
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      openid: 'openid-alice',
      is_subscribe: 'N',
      trade_type: 'JSAPI',
      bank_type: 'OTHERS',
      total_fee: '1999',
      fee_type: 'CNY',
      cash_fee: '1999',
      attach: 'a',
      time_end: '20261122100000',
    })
    expect(fields.transaction_id).toMatch(/^420000000020261122\d{10}$/)
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })
})

test('unpaid, the query has the state and little else', async () => {
  await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'UNPAID' }))
  const { fields } = await merchant.queryV2('UNPAID')
  expect(Object.keys(fields).sort()).toEqual(
    [
      'appid',
      'mch_id',
      'nonce_str',
      'out_trade_no',
      'result_code',
      'return_code',
      'return_msg',
      'sign',
      'trade_state',
      'trade_state_desc',
    ].sort(),
  )
  expect(fields).toMatchObject({ trade_state: 'NOTPAY', trade_state_desc: '订单未支付' })
})

test("WeChat's own number finds the order too, and wins over the merchant's", async () => {
  await merchant.buyV2({ out_trade_no: 'BYID1' })
  await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'BYID2' }))
  const transactionId = sandbox.control.trade('BYID1').transactions[0]?.transactionId ?? ''
  const { appid, mchid } = sandbox.info
  const wanted = {
    appid,
    mch_id: mchid,
    nonce_str: 'n',
    transaction_id: transactionId,
    out_trade_no: 'BYID2',
  }
  expect((await merchant.v2('/pay/orderquery', wanted)).fields.out_trade_no).toBe('BYID1')
  const neither = await merchant.v2('/pay/orderquery', { appid, mch_id: mchid, nonce_str: 'n' })
  expect(neither.fields.err_code).toBe('LACK_PARAMS')
})

test('closing works once, then says closed; a paid or unknown order says so', async () => {
  await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'CLOSING' }))
  expect((await merchant.closeV2('CLOSING')).fields).toMatchObject({
    result_code: 'SUCCESS',
    result_msg: 'OK',
  })
  expect((await merchant.closeV2('CLOSING')).fields.err_code).toBe('ORDERCLOSED')
  expect((await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'CLOSING' }))).fields.err_code).toBe(
    'ORDERCLOSED',
  )
  await merchant.buyV2({ out_trade_no: 'PAID' })
  expect((await merchant.closeV2('PAID')).fields.err_code).toBe('ORDERPAID')
  expect((await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'PAID' }))).fields.err_code).toBe(
    'ORDERPAID',
  )
  expect((await merchant.closeV2('NOWHERE')).fields.err_code).toBe('ORDERNOTEXIST')
  const unknown = await merchant.queryV2('NOWHERE')
  expect(unknown.fields.err_code).toBe('ORDERNOTEXIST')
  expect(unknown.fields.sign).toBe(merchant.signV2(unknown.fields, 'HMAC-SHA256'))
})

test('the same order again gets a fresh prepay_id; the times count on the first call only', async () => {
  const order = merchant.orderV2({ out_trade_no: 'AGAIN' })
  const first = (await merchant.v2(UNIFIED, order)).fields.prepay_id
  const again = await merchant.v2(UNIFIED, { ...order, nonce_str: 'other', time_expire: '20261122110000' })
  expect(again.fields.result_code).toBe('SUCCESS')
  expect(again.fields.prepay_id).not.toBe(first)
  expect(sandbox.control.trade('AGAIN').expiresAt).toBeNull()
  for (const change of [{ total_fee: '1' }, { body: 'x' }, { openid: 'bob' }, { attach: 'x' }]) {
    const { fields } = await merchant.v2(UNIFIED, { ...order, ...change })
    expect([fields.result_code, fields.err_code, fields.err_code_des]).toEqual([
      'FAIL',
      'INVALID_REQUEST',
      '请求重入时，参数与首次请求时不一致',
    ])
  }
  expect((await merchant.v2(UNIFIED, order, 'MD5')).fields.err_code).toBe('INVALID_REQUEST')
})

test('a number belongs to one protocol, but both can ask about it', async () => {
  await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'SHARED1' }))
  const v3 = await merchant.v3(
    'POST',
    '/v3/pay/transactions/jsapi',
    merchant.order({ out_trade_no: 'SHARED1' }),
  )
  expect([v3.status, JSON.parse(v3.body).code]).toEqual([403, 'OUT_TRADE_NO_USED'])
  expect(JSON.parse((await merchant.query('SHARED1')).body).trade_state).toBe('NOTPAY')
  await merchant.prepay({ out_trade_no: 'SHARED2' })
  const v2 = await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'SHARED2' }))
  expect(v2.fields.err_code).toBe('OUT_TRADE_NO_USED')
})

describe('refusals before the signature', () => {
  const failure = (answer: { status: number; fields: Record<string, string> }) => [
    answer.status,
    answer.fields.return_code,
    answer.fields.return_msg,
    answer.fields.sign,
  ]

  test('GET is told to post, still with 200', async () => {
    const answer = await send(`${sandbox.info.baseUrl}${UNIFIED}`, { ca: sandbox.caPem })
    expect([answer.status, fromXml(answer.body).return_msg]).toEqual([200, '请使用post方法'])
    expect(answer.headers['content-type']).toBe('text/plain')
  })

  test('nothing, and bytes that are no UTF-8', async () => {
    expect(failure(await merchant.postXml(UNIFIED, ''))).toEqual([200, 'FAIL', 'post数据为空', undefined])
    const gbk = Buffer.concat([Buffer.from('<xml><a>'), Buffer.from([0xc4, 0xe3]), Buffer.from('</a></xml>')])
    expect(failure(await merchant.postXml(UNIFIED, gbk))).toEqual([200, 'FAIL', '编码格式错误', undefined])
  })

  test.each([
    ['text', 'hello'],
    ['JSON', '{"a":1}'],
    ['another root', '<root><a>1</a></root>'],
    ['two roots', '<xml><a>1</a></xml><xml><a>1</a></xml>'],
    ['a truncated document', '<xml><a>1</a><b>'],
    ['a truncated section', '<xml><a><![CDATA[1</a></xml>'],
    ['crossed tags', '<xml><a><b>1</a></b></xml>'],
    ['a doctype', '<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>'],
    ['an external entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>'],
    ['a comment inside a value', '<xml><total_fee>1<!-- -->00</total_fee></xml>'],
    ['a comment dressed as a member', '<xml><!--><a>1</a></!--></xml>'],
    ['a processing instruction', '<xml><?php ?><a>1</a></xml>'],
    ['an attribute', '<xml><a b="1">1</a></xml>'],
    ['a nested member', '<xml><a><b>1</b></a></xml>'],
    ['a member twice', '<xml><a>1</a><a>2</a></xml>'],
    ['stray text', '<xml>x<a>1</a></xml>'],
    ['text beside a section', '<xml><a>1<![CDATA[2]]></a></xml>'],
    ['an unknown entity', '<xml><a>&nbsp;</a></xml>'],
    ['a bare ampersand', '<xml><a>a & b</a></xml>'],
    ['a reference to nothing', '<xml><a>&#0;</a></xml>'],
    ['a reference beyond Unicode', '<xml><a>&#x110000;</a></xml>'],
    ['a control character', '<xml><a>\u0001</a></xml>'],
    ['a strange name', '<xml><__proto__>1</__proto__><a%>1</a%></xml>'],
    ['65 KB', `<xml><a>${'x'.repeat(65 * 1024)}</a></xml>`],
    ['10,000 opening tags', '<a>'.repeat(10_000)],
  ])('%s is no XML of ours', async (_name, xml) => {
    expect(failure(await merchant.postXml(UNIFIED, xml))).toEqual([200, 'FAIL', 'XML格式错误', undefined])
  })

  test('half a megabyte is cut off, not read', async () => {
    const answer = await merchant.postXml(UNIFIED, 'x'.repeat(500 * 1024))
    expect(failure(answer)).toEqual([200, 'FAIL', 'XML格式错误', undefined])
  })

  test('a wrong, missing, lower-case or foreign-algorithm signature', async () => {
    const order = merchant.orderV2({ out_trade_no: 'SIGNS' })
    const good = merchant.signV2(order, 'MD5')
    const cases = [
      { ...order, sign: merchant.signV2({ ...order, total_fee: 1 }, 'MD5') },
      { ...order, sign: '' },
      { ...order, sign: good.toLowerCase() },
      { ...order, sign: merchant.signV2(order, 'HMAC-SHA256') },
      { ...order, sign_type: 'SHA1', sign: good },
    ]
    for (const members of cases) {
      expect(failure(await merchant.postXml(UNIFIED, toXml(members)))).toEqual([
        200,
        'FAIL',
        '签名错误',
        undefined,
      ])
    }
    expect((await merchant.postXml(UNIFIED, toXml({ ...order, sign: good }))).fields.result_code).toBe(
      'SUCCESS',
    )
  })

  test('an empty member counts in no signature', async () => {
    const { fields } = await merchant.v2(
      UNIFIED,
      merchant.orderV2({ out_trade_no: 'EMPTY', attach: '', detail: '' }),
    )
    expect(fields.result_code).toBe('SUCCESS')
  })

  test('members that nobody documented are signed but not judged', async () => {
    const { fields } = await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'EXTRA', hello: 'world' }))
    expect(fields.result_code).toBe('SUCCESS')
  })

  test('an unknown merchant can not be checked', async () => {
    const answer = await merchant.v2(UNIFIED, merchant.orderV2({ mch_id: '1900000001' }))
    expect(failure(answer)).toEqual([200, 'FAIL', 'mch_id不存在', undefined])
  })
})

describe('fields', () => {
  test.each([
    'appid',
    'nonce_str',
    'body',
    'out_trade_no',
    'total_fee',
    'spbill_create_ip',
    'notify_url',
    'trade_type',
    'openid',
  ])('%s is required', async (name) => {
    const { [name]: _gone, ...rest } = merchant.orderV2({ out_trade_no: 'REQUIRED' })
    const { fields } = await merchant.v2(UNIFIED, rest)
    expect([fields.result_code, fields.err_code]).toEqual(['FAIL', 'LACK_PARAMS'])
    expect(fields.err_code_des).toContain(name)
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })

  test.each<[string, Record<string, string>]>([
    ['total_fee', { total_fee: '19.99' }],
    ['total_fee', { total_fee: '0' }],
    ['total_fee', { total_fee: '-1' }],
    ['total_fee', { total_fee: '1e3' }],
    ['body', { body: '咖'.repeat(43) }],
    ['attach', { attach: 'a'.repeat(128) }],
    ['out_trade_no', { out_trade_no: 'A'.repeat(33) }],
    ['out_trade_no', { out_trade_no: 'A B' }],
    ['detail', { detail: '{' }],
    ['scene_info', { scene_info: 'x'.repeat(257) }],
    ['fee_type', { fee_type: 'USD' }],
    ['spbill_create_ip', { spbill_create_ip: '300.1.1.1' }],
    ['notify_url', { notify_url: 'http://shop.example.com/n' }],
    ['notify_url', { notify_url: 'https://shop.example.com/n?a=1' }],
    ['notify_url', { notify_url: `https://a.example/${'n'.repeat(239)}` }],
    ['trade_type', { trade_type: 'TRANSFER' }],
    ['time_expire', { time_expire: '2026-11-22 12:00:00' }],
    ['time_expire', { time_expire: '20260230120000' }],
    ['limit_pay', { limit_pay: 'no_debit' }],
    ['profit_sharing', { profit_sharing: 'X' }],
    ['receipt', { receipt: 'maybe' }],
    ['device_info', { device_info: 'd'.repeat(33) }],
    ['openid', { openid: 'o'.repeat(129) }],
  ])('a bad %s is refused by name: %j', async (name, override) => {
    const { fields } = await merchant.v2(UNIFIED, merchant.orderV2({ out_trade_no: 'BADFIELD', ...override }))
    expect(fields.return_code).toBe('FAIL')
    expect(fields.return_msg).toMatch(new RegExp(`^${name}参数(格式|长度)有误$`))
  })

  test('what is exactly as long as allowed is taken, and every entity is read', async () => {
    const order = merchant.orderV2({
      out_trade_no: '_-|*@'.padEnd(32, 'z'),
      body: `${'咖'.repeat(42)}ab`,
      attach: `<&>"'中]]${'a'.repeat(117)}`,
      time_expire: '20261122100100',
      detail: '{"goods_detail":[]}',
    })
    const sign = merchant.signV2(order, 'MD5')
    const members: Record<string, string> = { ...order, sign }
    const { attach, ...rest } = members
    const escaped = `&lt;&amp;&#62;&quot;&apos;&#x4e2d;]]${'a'.repeat(117)}`
    const xml = toXml(rest).replace('</xml>', `<attach>${escaped}</attach></xml>`)
    expect((await merchant.postXml(UNIFIED, `<?xml version="1.0"?>\n${xml}\n`)).fields.result_code).toBe(
      'SUCCESS',
    )
    expect(sandbox.control.trade(order.out_trade_no ?? '').attach).toBe(attach)
  })

  test("a value that holds a section's end comes back whole", async () => {
    await merchant.buyV2({ out_trade_no: 'CDATAEND', attach: 'x' })
    const order = merchant.orderV2({ out_trade_no: 'CDATAEND2' })
    const members = { ...order, attach: 'a]]>b' }
    const signed = toXml({ ...order, sign: merchant.signV2(members, 'MD5') })
    await merchant.postXml(UNIFIED, signed.replace('</xml>', '<attach>a]]&gt;b</attach></xml>'))
    const { body } = await merchant.queryV2('CDATAEND2')
    expect(new XMLParser().parse(body).xml.attach).toBe('a]]>b')
  })

  test('an order must stay payable for a minute', async () => {
    const short = { out_trade_no: 'SHORT', time_start: '20261122100000', time_expire: '20261122100059' }
    expect((await merchant.v2(UNIFIED, merchant.orderV2(short))).fields.err_code).toBe('INVALID_REQUEST')
    const over = { out_trade_no: 'OVER', time_start: '20261122080000', time_expire: '20261122090000' }
    expect((await merchant.v2(UNIFIED, merchant.orderV2(over))).fields.err_code).toBe('INVALID_REQUEST')
    const enough = { ...short, out_trade_no: 'ENOUGH', time_expire: '20261122100100' }
    expect((await merchant.v2(UNIFIED, merchant.orderV2(enough))).fields.result_code).toBe('SUCCESS')
  })

  test('products that are not open, and another mini-program, are told apart', async () => {
    const native = await merchant.v2(UNIFIED, merchant.orderV2({ trade_type: 'NATIVE' }))
    expect(native.fields.err_code).toBe('NOAUTH')
    const appid = await merchant.v2(UNIFIED, merchant.orderV2({ appid: 'wx0000000000000000' }))
    expect(appid.fields.err_code).toBe('APPID_MCHID_NOT_MATCH')
  })
})

test('the published signature samples are reproduced by the test client', () => {
  // Guards the tests themselves: the client here and the sandbox must not share a misreading.
  const file = join(__dirname, '../vectors/data/paysign.json')
  const vectors: {
    kind: string
    signType: string
    params: Record<string, string>
    key: string
    expected: { paySign: string }
  }[] = JSON.parse(readFileSync(file, 'utf8'))
  const samples = vectors.filter(({ kind }) => kind === 'v2-paysign')
  expect(samples.length).toBeGreaterThan(0)
  for (const { params, key, signType, expected } of samples) {
    const signer = new Merchant({ ...sandbox, info: { ...sandbox.info, v2Key: key } })
    expect(signer.signV2(params, signType === 'MD5' ? 'MD5' : 'HMAC-SHA256')).toBe(expected.paySign)
  }
})

test('where the old pages are believed, an order can be closed from its fifth minute on', async () => {
  const strict = new Merchant(await aSandbox({ closableAfterMs: 300_000 }))
  await strict.v2('/pay/unifiedorder', strict.orderV2())
  await strict.sandbox.control.moveClock({ advanceMs: 299_999 })
  expect((await strict.closeV2()).fields.err_code).toBe('TRADE_STATE_ERROR')
  await strict.sandbox.control.moveClock({ advanceMs: 1 })
  expect((await strict.closeV2()).fields.result_code).toBe('SUCCESS')
  expect((await strict.closeV2()).fields.err_code).toBe('ORDERCLOSED')
  expect((await strict.closeV2('NOWHERE')).fields.err_code).toBe('ORDERNOTEXIST')
})
