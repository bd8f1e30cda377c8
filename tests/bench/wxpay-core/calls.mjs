/** @module What a whole call costs its client over TLS on loopback: a process for the client, one for the server. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { missedIn } from '../lib/compare.mjs'
import { ratioTable, table } from '../lib/print.mjs'
import { fixtureFile } from './subjects.mjs'

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

/** @returns {Promise<{ text: string, missed: string[] }>} */
export async function measure() {
  const stub = fork(here('stub.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const [{ port }] = await once(stub, 'message')
    const client = fork(here('calls-client.mjs'), [`https://127.0.0.1:${port}`], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Not every SDK can be told whom to trust.
      env: { ...process.env, NODE_EXTRA_CA_CERTS: fixtureFile('authority.cert.pem'), NODE_NO_WARNINGS: '1' },
    })
    const ended = once(client, 'exit')
    const [results] = await once(client, 'message')
    await ended
    return { text: `${ratioTable(results)}\n\n${handshakeTable(results)}`, missed: missedIn(results) }
  } finally {
    stub.disconnect()
  }
}

/** @param {readonly { title: string, handshakesPerCall: Record<string, number> }[]} results */
function handshakeTable(results) {
  const names = [
    ...new Set(results.flatMap(({ handshakesPerCall }) => Object.keys(handshakesPerCall))),
  ].filter((name) => name !== 'again')
  const rows = results.map(({ title, handshakesPerCall }) => [
    title.replace(', client processor time', ''),
    ...names.map((name) => String(handshakesPerCall[name] ?? '–')),
  ])
  return table([
    [
      'TLS handshakes per call, after the first',
      ...names.map((name) => (name === 'ours' ? 'wxpay-core' : name)),
    ],
    ...rows,
  ])
}
