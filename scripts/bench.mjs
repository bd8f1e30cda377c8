/**
 * @module `npm run bench`: measures, next to a floor and next to other people's SDKs, in one run; fails when a goal is missed
 * by more than that run's own noise. `npm run bench -- cpu calls` measures some.
 */
import './lib/require-node.mjs'
import os from 'node:os'
import { ensureInstalled } from './lib/install.mjs'
import { complain, heading } from './lib/say.mjs'

await ensureInstalled('all')

/** Each is a module under tests/bench/ with `measure()`; a new bench is a new line. */
const benches = {
  cpu: { title: 'wxpay-core: one message', module: '../tests/bench/wxpay-core/cpu.mjs' },
  calls: {
    title: 'wxpay-core: one call over TLS on loopback',
    module: '../tests/bench/wxpay-core/calls.mjs',
  },
  start: { title: 'wxpay-core: loading it', module: '../tests/bench/wxpay-core/start.mjs' },
  functions: { title: 'cloud functions: cold start', module: '../tests/bench/functions/cold-start.mjs' },
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  complain(`No bench has that name: ${unknown.join(', ')}. Known are: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

const [cpu] = os.cpus()
console.log(
  `Node.js ${process.versions.node}, ${os.availableParallelism()} × ${cpu?.model ?? 'unknown'}, load ${os.loadavg()[0]?.toFixed(1)}`,
)
/** @type {string[]} */
const missed = []
for (const [name, { title, module }] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  heading(title)
  const { measure } = await import(module)
  const { text, missed: failures } = await measure()
  console.log(text)
  missed.push(...failures)
}
heading('goals')
if (missed.length === 0) console.log('All goals were reached.')
for (const failure of missed) console.log(`MISSED  ${failure}`)
process.exitCode = missed.length === 0 ? 0 : 1
