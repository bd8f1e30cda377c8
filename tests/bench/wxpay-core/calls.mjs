/**
 * @module What a whole call costs its client over TLS on loopback: processor time and handshakes.
 *
 * Each subject has a process of its own, as it has in a shop: in one process with others it would be compiled for their
 * ways of using Node's https too, and pay for the garbage and the half-closed connections that they leave. All of them are warm,
 * and take turns of many calls in random order. The server is another process, so its time is not counted.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { at, isEnough, median, missedGoal, missedIn, noiseOf, shuffled } from '../lib/compare.mjs'
import { ratioTable, table } from '../lib/print.mjs'
import { scenarios } from './calls-subjects.mjs'
import { fixtureFile } from './subjects.mjs'

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

/** Enough where the machine has nothing else to do; more of them where it has. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 25)
const NOISE_WANTED = 0.03
/** Of processor time, about, in one turn. */
const TURN_MS = 120
const WARM_CALLS = 8_000
/** Others are measured to one digit, so they need neither as many rounds nor to be as warm; they would take minutes. */
const ROUNDS_OF_OTHERS = 9
const WARM_CALLS_OF_OTHERS = 1_500

/** @returns {Promise<{ text: string, missed: string[] }>} */
export async function measure() {
  const stub = fork(here('stub.mjs'))
  try {
    const [{ port }] = await once(stub, 'message')
    const results = []
    for (const scenario of Object.keys(scenarios)) {
      results.push(await measureScenario(scenario, `https://127.0.0.1:${port}`, () => ask(stub, {})))
    }
    return { text: `${ratioTable(results)}\n\n${handshakeTable(results)}`, missed: missedIn(results) }
  } finally {
    stub.disconnect()
  }
}

/** @typedef {{ handshakes: number, requestBytes: number }} Seen what the server has seen */

/** @param {string} scenario @param {string} baseUrl @param {() => Promise<Seen>} look */
async function measureScenario(scenario, baseUrl, look) {
  const { goal, subjects } = /** @type {typeof scenarios[string]} */ (scenarios[scenario])
  /** @type {Map<string, Client>} */
  const clients = new Map()
  /** @type {Map<string, number>} */
  const handshakesPerCall = new Map()
  /** @type {Map<string, number>} */
  const requestBytes = new Map()
  try {
    for (const name of [...Object.keys(subjects), 'again']) {
      const client = await start(scenario, name === 'again' ? 'floor' : name, baseUrl)
      clients.set(name, client)
      const isOther = !['floor', 'again', 'ours'].includes(name)
      await client.turn(1)
      const before = await look()
      const { made } = await client.turn(20)
      const after = await look()
      handshakesPerCall.set(name, (after.handshakes - before.handshakes) / made)
      requestBytes.set(name, after.requestBytes)
      const { us } = await client.turn(isOther ? WARM_CALLS_OF_OTHERS : WARM_CALLS)
      client.calls = Math.max(20, Math.round((TURN_MS * 1_000) / us))
    }
    if (requestBytes.get('ours') !== requestBytes.get('floor')) {
      throw new Error(`${scenario}: the floor does not send what wxpay-core sends; see calls-floor.mjs`)
    }
    const rounds = await play(clients)
    const ratio = (/** @type {string} */ name) =>
      rounds.filter((times) => times.has(name)).map((times) => at(times, name) / at(times, 'floor'))
    const others = Object.keys(subjects).filter((name) => name !== 'floor' && name !== 'ours')
    const result = {
      title: `${scenario}, client processor time`,
      floorUs: median(rounds.map((times) => at(times, 'floor'))),
      ours: median(ratio('ours')),
      peers: Object.fromEntries(others.map((name) => [name, median(ratio(name))])),
      handshakesPerCall,
      noise: noiseOf(ratio('again')),
      goal,
    }
    const shaken = at(handshakesPerCall, 'ours') > 0 ? 'a handshake after the first call' : undefined
    return { ...result, missed: shaken ?? missedGoal(result) }
  } finally {
    for (const client of clients.values()) client.end()
  }
}

/** @param {ReadonlyMap<string, Client>} clients */
async function play(clients) {
  /** @type {Map<string, number>[]} */
  const rounds = []
  while (!isEnough(rounds, ROUNDS, NOISE_WANTED)) {
    const names = [...clients.keys()].filter(
      (name) => rounds.length < ROUNDS_OF_OTHERS || ['floor', 'again', 'ours'].includes(name),
    )
    const times = new Map()
    for (const name of shuffled(names)) {
      const client = /** @type {Client} */ (clients.get(name))
      times.set(name, (await client.turn(client.calls)).us)
    }
    rounds.push(times)
  }
  return rounds
}

/**
 * @typedef {object} Client
 * @property {number} calls in one turn
 * @property {(calls: number) => Promise<{ us: number, made: number }>} turn µs of processor time for one call, and how many
 *   calls were made in all
 * @property {() => unknown} end
 */

/** @param {string} scenario @param {string} subject @param {string} baseUrl @returns {Promise<Client>} */
async function start(scenario, subject, baseUrl) {
  const child = fork(here('calls-client.mjs'), [scenario, subject, baseUrl], {
    // Not every SDK can be told whom to trust.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: fixtureFile('authority.cert.pem'), NODE_NO_WARNINGS: '1' },
  })
  await answerOf(child)
  return {
    calls: 0,
    turn: (calls) => ask(child, { calls }),
    // One that ended by itself has said why.
    end: () => child.connected && child.disconnect(),
  }
}

/** @param {import('node:child_process').ChildProcess} child @param {object} question */
function ask(child, question) {
  const answer = answerOf(child)
  child.send(question)
  return answer
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<any>} */
function answerOf(child) {
  return new Promise((resolve, reject) => {
    const exited = (/** @type {number | null} */ code) =>
      reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`))
    child.once('exit', exited)
    child.once('message', (message) => {
      child.off('exit', exited)
      resolve(message)
    })
  })
}

/** @param {readonly { title: string, handshakesPerCall: ReadonlyMap<string, number> }[]} results */
function handshakeTable(results) {
  const names = [
    ...new Set(results.flatMap(({ handshakesPerCall }) => [...handshakesPerCall.keys()])),
  ].filter((name) => name !== 'again')
  const rows = results.map(({ title, handshakesPerCall }) => [
    title.replace(', client processor time', ''),
    ...names.map((name) => String(handshakesPerCall.get(name) ?? '–')),
  ])
  return table([
    [
      'TLS handshakes per call, after the first',
      ...names.map((name) => (name === 'ours' ? 'wxpay-core' : name)),
    ],
    ...rows,
  ])
}
