/** @module What the commands say when the machine, not the program, is the reason to stop. */
import net from 'node:net'

const { nodeVersionProblem } = jest.requireActual<{
  nodeVersionProblem(version: string): string | undefined
}>('../../scripts/lib/node-version.mjs')
const { explainInstallFailure } = jest.requireActual<{ explainInstallFailure(output: string): string }>(
  '../../scripts/lib/install-failure.mjs',
)
const { explainRunProblem } = jest.requireActual<{ explainRunProblem(error: unknown): string | undefined }>(
  '../../scripts/lib/run-problem.mjs',
)

test.each(['16.20.2', '18.20.4', '20.18.3', '21.7.3', '22.2.0'])(
  'Node.js %s is too old, and the message says what is needed',
  (version) => {
    expect(nodeVersionProblem(version)).toBe(
      `Node.js 20.19, or 22.3 or newer, is needed; this is ${version}. Get one at https://nodejs.org and run the same command again.`,
    )
  },
)

test.each(['20.19.0', '20.20.2', '22.3.0', '23.0.0', '24.21.0'])('Node.js %s will do', (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined()
})

test.each([
  [
    'npm error code ENOTFOUND\nnpm error network request to https://registry.example failed',
    'registry cannot be reached',
  ],
  [
    'ERR_PNPM_META_FETCH_FAIL  GET https://registry.example/x: connect ECONNREFUSED',
    'registry cannot be reached',
  ],
  ['ENOSPC: no space left on device, write', 'disk is full'],
  ["EACCES: permission denied, mkdir '/opt/store'", 'may not be written'],
  ['ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', 'does not fit a package.json'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
])('an install that ends with "%s" is explained', (output, expected) => {
  expect(explainInstallFailure(output)).toContain(expected)
})

test('an install that fails for an unknown reason points at what pnpm said', () => {
  expect(explainInstallFailure('something new')).toBe(
    'The install failed; the lines above are what pnpm said.',
  )
})

test('a port that another program has is named', async () => {
  const server = net.createServer()
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
  const error = await new Promise<unknown>((resolve) =>
    net.createServer().once('error', resolve).listen(port, '127.0.0.1'),
  )
  await new Promise((resolve) => server.close(resolve))
  expect(explainRunProblem(error)).toBe(`Port ${port} is taken by another program.`)
})

test('a full disk is named, also when another error wraps it or PostgreSQL says it in words', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC', path: 'ledger' })
  expect(explainRunProblem(new Error('the sandbox stopped', { cause: full }))).toBe(
    'The disk is full (ledger). Free some space and run the same command again.',
  )
  expect(explainRunProblem(new Error('initdb: could not write file: No space left on device'))).toBe(
    'The disk is full. Free some space and run the same command again.',
  )
})

test('a bug is not explained away', () => {
  expect(explainRunProblem(new TypeError('x is not a function'))).toBeUndefined()
})
