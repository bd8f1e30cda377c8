/** The state file and the books behind it: what a change must be to be taken, and what a disk may do without harm. */
import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as storeModule from '../../packages/wechat-sandbox/src/state/store.ts'
import { cleanUp, emptyDirectory } from './merchant.ts'

const { openStore } = jest.requireActual<typeof storeModule>(
  '../../packages/wechat-sandbox/src/state/store.ts',
)

afterAll(cleanUp)

const newFile = () => join(emptyDirectory(), 'state.jsonl')
const entry = (seq: number, cause: string, account: string, fen: number) => ({
  table: 'entry' as const,
  id: String(seq),
  value: { seq, at: 0, cause, account, fen },
})
const filled = (file = newFile()) => {
  const store = openStore(file)
  store.commit([entry(1, 'wallet:a', 'outside:banks', -100), entry(2, 'wallet:a', 'payer:a', 100)])
  return store
}
const nothingChanged = (store: ReturnType<typeof openStore>, file: string, before: string) => {
  expect(store.size('entry')).toBe(2)
  expect(store.balances.of('payer:a')).toBe(100)
  expect(readFileSync(file, 'utf8')).toBe(before)
}

describe('a change of the books is refused whole, in memory and on file, when', () => {
  test.each([
    [
      'its entries do not sum to zero',
      [entry(3, 'payment:1', 'payer:a', -40), entry(4, 'payment:1', 'merchant:1:pending', 41)],
      'payment:1 is out of balance by 1 fen',
    ],
    [
      'two causes are out of balance that together are not',
      [entry(3, 'payment:1', 'payer:a', -40), entry(4, 'payment:2', 'merchant:1:pending', 40)],
      'payment:1 is out of balance by -40 fen',
    ],
    [
      'somebody would owe money',
      [entry(3, 'payment:1', 'payer:a', -101), entry(4, 'payment:1', 'merchant:1:pending', 101)],
      'payer:a would be below zero by 1 fen',
    ],
    [
      'an entry moves half a fen',
      [entry(3, 'payment:1', 'payer:a', -0.5), entry(4, 'payment:1', 'merchant:1:pending', 0.5)],
      'is not whole fen',
    ],
    [
      'an entry moves nothing',
      [entry(3, 'payment:1', 'payer:a', 0), entry(4, 'payment:1', 'merchant:1:pending', 0)],
      'is not whole fen',
    ],
    [
      'a fen is more than a number can tell apart',
      [entry(3, 'w', 'outside:banks', -(2 ** 53)), entry(4, 'w', 'payer:a', 2 ** 53)],
      'is not whole fen',
    ],
  ])('%s', (_why, writes, message) => {
    const file = newFile()
    const store = filled(file)
    const before = readFileSync(file, 'utf8')
    expect(() => store.commit(writes)).toThrow(message)
    nothingChanged(store, file, before)
    store.close()
  })

  test('what was there before does not sum to zero, however the change itself does', () => {
    const file = newFile()
    const store = filled(file)
    store.balances.add([entry(3, 'x', 'payer:b', 1).value])
    const writes = [entry(4, 'p', 'payer:a', -1), entry(5, 'p', 'merchant:1:pending', 1)]
    expect(() => store.commit(writes)).toThrow('the books are out of balance by 1 fen')
    store.close()
  })
})

test('an account may pass through nought within one change', () => {
  const store = filled()
  store.commit([
    entry(3, 'payment:1', 'payer:a', -150),
    entry(4, 'payment:1', 'merchant:1:pending', 150),
    entry(5, 'refund:1', 'merchant:1:pending', -60),
    entry(6, 'refund:1', 'payer:a', 60),
  ])
  expect(store.balances.of('payer:a')).toBe(10)
  store.close()
})

describe('when the file cannot be written anew (a full disk)', () => {
  test('a change is taken all the same, and so are the next ones, and all of them are there at the next start', () => {
    const file = newFile()
    const store = openStore(file, () => {}, 200)
    mkdirSync(`${file}.tmp`)
    for (let n = 1; n <= 20; n++)
      store.commit([{ table: 'setting', id: `setting-${n}`, value: { value: n } }])
    expect(store.get('setting', 'setting-20')).toEqual({ value: 20 })
    store.close()
    rmdirSync(`${file}.tmp`)
    const again = openStore(file)
    expect([...again.all('setting')].map(({ value }) => value)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    again.close()
  })

  test('nothing is cleared, and it says so', () => {
    const file = newFile()
    const store = filled(file)
    mkdirSync(`${file}.tmp`)
    const before = readFileSync(file, 'utf8')
    expect(() => store.clear(['setting'])).toThrow()
    nothingChanged(store, file, before)
    rmdirSync(`${file}.tmp`)
    store.clear(['setting'])
    expect([store.size('entry'), store.balances.of('payer:a')]).toEqual([0, 0])
    store.commit([{ table: 'setting', id: 'after', value: { value: 1 } }])
    store.close()
    const again = openStore(file)
    expect([again.size('entry'), again.get('setting', 'after')]).toEqual([0, { value: 1 }])
    again.close()
  })
})

test('the file is written anew when as much again was appended, and keeps what was said since', () => {
  const file = newFile()
  const store = openStore(file, () => {}, 1_000)
  for (let n = 1; n <= 200; n++) store.commit([{ table: 'setting', id: 'the-same', value: { value: n } }])
  expect(statSync(file).size).toBeLessThan(1_500)
  store.close()
  const again = openStore(file)
  expect(again.get('setting', 'the-same')).toEqual({ value: 200 })
  again.close()
})

test('a line may be longer than what is read at once, and a character may lie across two pieces', () => {
  const file = newFile()
  const long = '元'.repeat(1_000_000)
  const store = openStore(file)
  store.commit([{ table: 'template', id: 'long', value: { templateId: long, isValid: true } }])
  store.commit([{ table: 'template', id: 'short', value: { templateId: '短', isValid: true } }])
  store.close()
  const whole = readFileSync(file)
  for (const torn of [0, 3]) {
    // The header, or an empty line, moves every later piece by a byte or three.
    const lines = whole.toString('utf8').split('\n')
    writeFileSync(file, [lines[0], ' '.repeat(torn).trim(), ...lines.slice(1)].join('\n'))
    const again = openStore(file)
    expect(again.get('template', 'long')?.templateId === long).toBe(true)
    expect(again.get('template', 'short')?.templateId).toBe('短')
    again.close()
  }
})
