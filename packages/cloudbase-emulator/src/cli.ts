/**
 * @module The command: npx cloudbase-emulator [--port N|0] [--data DIR] [--region R].
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type EmulatorOptions, startCloudbaseEmulator } from './emulator.ts'
import { EmulatorStartError } from './start-error.ts'

const DEFAULT_PORT = 18460
const DEFAULT_DIR = '.cloudbase-emulator'

const USAGE = `Usage: cloudbase-emulator [options]

A local CloudBase. Prints "ready DIR/emulator.json" (URLs, token, and the environment a process needs so that
wx-server-sdk talks to it) and stays up until Ctrl-C.

  --port N            (default ${DEFAULT_PORT}; 0 = a free port)
  --data DIR          documents and files, kept between starts (default ${DEFAULT_DIR})
  --region NAME       (default ap-shanghai)
  --env ID            the environment id (default local-env)
  --shape FILE        JSON { "collections": [name], "indexes": [{ "collection", "fields": [{ "name", "direction" }],
                      "unique" }] } to make when they are not there
  --require-indexes   a query that no index serves is an error
  --host ADDRESS      listen elsewhere than 127.0.0.1; lets other machines in
  --help
`

/** Runs the command; resolves to its exit code, or stays up until a signal. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (typeof options === 'string') {
    process.stderr.write(`cloudbase-emulator: ${options}\nTry --help.\n`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(USAGE)
    return 0
  }
  if (!['127.0.0.1', 'localhost', '::1'].includes(options.host)) {
    process.stderr.write(
      `cloudbase-emulator: listening on ${options.host}: other machines can reach it, and everything is plain http.\n`,
    )
  }
  try {
    const emulator = await startCloudbaseEmulator(options)
    const file = join(resolve(options.dataDir), 'emulator.json')
    const { url, environment, controlUrl, controlToken } = emulator
    writeFileSync(file, `${JSON.stringify({ url, controlUrl, controlToken, environment }, null, 2)}\n`, {
      mode: 0o600,
    })
    process.stdout.write(`ready ${file}\n`)
    await untilSignal()
    await emulator.close()
    return 0
  } catch (error) {
    if (!(error instanceof EmulatorStartError)) throw error
    process.stderr.write(`cloudbase-emulator: ${error.message}\n`)
    return 1
  }
}

type Options = EmulatorOptions & { readonly dataDir: string; readonly host: string }

/** The options, undefined when help is wanted, or what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string | undefined {
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    values = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        region: { type: 'string' },
        env: { type: 'string' },
        shape: { type: 'string' },
        'require-indexes': { type: 'boolean' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
  if (values.help === true) return undefined
  const {
    port = String(DEFAULT_PORT),
    data = DEFAULT_DIR,
    region = 'ap-shanghai',
    host = '127.0.0.1',
  } = values
  const env = values.env ?? 'local-env'
  if (typeof port !== 'string' || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return '--port must be a port from 0 to 65535 (0 = a free one)'
  }
  if (typeof data !== 'string' || data === '') return '--data must name a directory'
  if (typeof region !== 'string' || !/^[a-z0-9-]+$/.test(region))
    return '--region must be a name like ap-shanghai'
  // The SDK puts the id into a host name and refuses others there.
  if (typeof env !== 'string' || !/^[a-z0-9-]+$/.test(env))
    return '--env must be of small letters, digits and -'
  if (typeof host !== 'string' || host === '') return '--host must be an address of this machine'
  const shape = typeof values.shape === 'string' ? readShape(values.shape) : {}
  if (typeof shape === 'string') return shape
  return {
    ...shape,
    port: Number(port),
    dataDir: data,
    region,
    env,
    host,
    requireIndexes: values['require-indexes'] === true,
  }
}

function readShape(file: string): Pick<EmulatorOptions, 'collections' | 'indexes'> | string {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const { collections = [], indexes = [], ...more } = Object(value) as Record<string, unknown>
    if (Array.isArray(collections) && Array.isArray(indexes) && Object.keys(more).length === 0) {
      return { collections, indexes }
    }
  } catch {
    return `--shape ${file} can't be read as JSON`
  }
  return `--shape ${file} must hold collections and indexes, both lists`
}

function untilSignal(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGINT', () => done())
    process.once('SIGTERM', () => done())
  })
}
