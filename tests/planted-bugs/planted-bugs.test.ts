import { read } from '../architecture/source-files'

interface Bug {
  readonly name: string
  readonly what: string
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[]
}
const bugs: Bug[] = JSON.parse(read('tests/planted-bugs/bugs.json'))

test('there are enough planted bugs, each with its own name', () => {
  expect(bugs.length).toBeGreaterThanOrEqual(8)
  expect(new Set(bugs.map((bug) => bug.name)).size).toBe(bugs.length)
})

test.each(bugs)('$name can still be planted: $what', ({ edits }) => {
  for (const { file, find, replace } of edits) {
    expect([file, read(file).split(find).length - 1]).toEqual([file, 1])
    expect(replace).not.toBe(find)
  }
})
