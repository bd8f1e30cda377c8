/** @module What `npm run mutation` makes of Stryker's report. */
interface Score {
  file: string
  changes: number
  unnoticed: number
  unreached: number
  score: number
}
interface Scores {
  files: Score[]
  all: Score
}
const { scoresOf, tableOf } = jest.requireActual<{
  scoresOf(report: { files: Record<string, { mutants: { status: string }[] }> }): Scores
  tableOf(scores: Scores): string
}>('../../scripts/mutation/scores.mjs')

const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) })
const times = (count: number, status: string) => Array.from({ length: count }, () => status)
const at = (name: string) => `packages/wxpay-core/src/${name}`

test('a change that takes for ever is noticed, one that no test reaches is not, and what is left out is no change', () => {
  const { files, all } = scoresOf({
    files: {
      [at('b.ts')]: mutants('Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'),
      [at('a.ts')]: mutants('Killed', 'CompileError', 'RuntimeError'),
      [at('types.ts')]: mutants(),
    },
  })
  expect(files).toEqual([
    { file: at('a.ts'), changes: 1, unnoticed: 0, unreached: 0, score: 100 },
    { file: at('b.ts'), changes: 4, unnoticed: 1, unreached: 1, score: 50 },
  ])
  expect(all).toMatchObject({ changes: 5, score: 60 })
  expect(tableOf({ files, all })).toBe(
    [
      '| file | changes | unnoticed | unreached | score |',
      '| --- | --- | --- | --- | --- |',
      '| a.ts | 1 | 0 | 0 | 100.0 % |',
      '| b.ts | 4 | 1 | 1 | 50.0 % |',
      '| all | 5 | 1 | 1 | 60.0 % |',
    ].join('\n'),
  )
})

test('one change in ten thousand keeps a file from its hundred', () => {
  const { all } = scoresOf({ files: { [at('a.ts')]: mutants('Survived', ...times(9_999, 'Killed')) } })
  expect(all.score).toBe(99.9)
})
