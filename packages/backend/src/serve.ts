/** @module `npm run serve`: the backend alone, from the environment, until it is told to stop. */

import { ConfigError, readConfig } from './config.ts'
import { startBackend } from './server.ts'

/** Exit code of a start that the environment prevents. */
const EXIT_CONFIG = 78

const main = async (): Promise<void> => {
  const backend = await startBackend({ config: readConfig(process.env) })
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      backend.close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    process.stderr.write(`The backend cannot start:\n${error.message.replace(/^/gm, '  ')}\n`)
    process.exit(EXIT_CONFIG)
  }
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const hint =
    code === 'EADDRINUSE'
      ? 'PORT: is taken by another program; choose another PORT'
      : error instanceof Error
        ? error.message
        : String(error)
  process.stderr.write(`The backend cannot start:\n  ${hint}\n`)
  process.exit(1)
})
