import { API_ERRORS } from '@yuanlu/contract'
import { AGREEMENT_TRANSITIONS, TRANSFER_TRANSITIONS } from '@yuanlu/shop'
import { AGREEMENT_EDGES, CONFLICTS, type Named, TRANSFER_EDGES } from './edges'
import { read } from './source-files'

const edgesOf = (table: Readonly<Record<string, object>>): string[] =>
  Object.entries(table).flatMap(([state, events]) => Object.keys(events).map((event) => `${state}>${event}`))

const expectThere = (list: Readonly<Record<string, Named | undefined>>): void => {
  const missing = Object.entries(list).filter(
    ([, named]) => !named || !read(named.file).includes(named.title),
  )
  expect(missing.map(([name, named]) => `${name}: ${named?.title}`)).toEqual([])
}

test('every edge of the agreement has a test named after it', () => {
  expect(Object.keys(AGREEMENT_EDGES).sort()).toEqual(edgesOf(AGREEMENT_TRANSITIONS).sort())
  expectThere(AGREEMENT_EDGES)
})

test('every edge of the transfer has a test named after it', () => {
  expect(Object.keys(TRANSFER_EDGES).sort()).toEqual(edgesOf(TRANSFER_TRANSITIONS).sort())
  expectThere(TRANSFER_EDGES)
})

test('every 409 of the contract has a test named after it', () => {
  const conflicts = Object.entries(API_ERRORS)
    .filter(([, row]) => row.httpStatus === 409)
    .map(([code]) => code)
  expect(Object.keys(CONFLICTS).sort()).toEqual(conflicts.sort())
  expectThere(CONFLICTS)
})
