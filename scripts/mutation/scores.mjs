/** @module What Stryker's report says, for each file: how many changes there were, and how many of them no test noticed. */

/**
 * @typedef {{ file: string, changes: number, unnoticed: number, unreached: number, score: number }} Score changes that take
 *   for ever are noticed; those that no test reaches are not
 */

/**
 * @param {{ files: Record<string, { mutants: { status: string }[] }> }} report
 * @returns {{ files: Score[], all: Score }}
 */
export function scoresOf(report) {
  const files = Object.entries(report.files)
    .map(([file, { mutants }]) => scoreOf(file, mutants))
    .filter(({ changes }) => changes > 0)
    .sort((one, other) => (one.file < other.file ? -1 : 1))
  const all = Object.values(report.files).flatMap(({ mutants }) => mutants)
  return { files, all: scoreOf('all', all) }
}

/** @param {string} file @param {{ status: string }[]} mutants @returns {Score} */
function scoreOf(file, mutants) {
  const count = (/** @type {string[]} */ ...statuses) =>
    mutants.filter(({ status }) => statuses.includes(status)).length
  const unnoticed = count('Survived')
  const unreached = count('NoCoverage')
  const changes = count('Killed', 'Timeout') + unnoticed + unreached
  // Rounded down: 99.99 is not 100.
  const score = changes === 0 ? 100 : Math.floor(((changes - unnoticed - unreached) / changes) * 1_000) / 10
  return { file, changes, unnoticed, unreached, score }
}

/** @param {{ files: Score[], all: Score }} scores */
export function tableOf({ files, all }) {
  const rows = [...files, all].map(
    ({ file, changes, unnoticed, unreached, score }) =>
      `| ${file.replace('packages/wxpay-core/src/', '')} | ${changes} | ${unnoticed} | ${unreached} | ${score.toFixed(1)} % |`,
  )
  return [
    '| file | changes | unnoticed | unreached | score |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
