/** @module Results as a table that can go into a README as it is. */

/**
 * @param {readonly import('./compare.mjs').Result[]} results
 * @returns {string}
 */
export function ratioTable(results) {
  const peers = [...new Set(results.flatMap(({ peers }) => Object.keys(peers)))]
  const head = ['', 'floor', 'wxpay-core', 'goal', ...peers, 'noise']
  const rows = results.map(({ title, floorUs, ours, goal, peers: theirs, noise }) => [
    title,
    `${floorUs < 100 ? floorUs.toFixed(1) : floorUs.toFixed(0)} µs`,
    `**${ours.toFixed(2)}×**`,
    goal === undefined ? '' : `≤ ${goal}×`,
    ...peers.map((name) => (theirs[name] === undefined ? '–' : `${theirs[name]?.toFixed(1)}×`)),
    `±${Math.round(noise * 100)} %`,
  ])
  return table([head, ...rows])
}

/** @param {readonly (readonly string[])[]} rows the first is the head */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n')
}
