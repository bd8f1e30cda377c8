/** @module A process of its own that serves the shop from its environment, on a clock that its parent moves. */
import { readConfig, startBackend } from '@yuanlu/backend'

let aheadMs = 0
process.on('message', (ms) => {
  aheadMs = Number(ms)
  process.send?.('moved')
})
// Whoever started it is gone, and nobody would stop it any more.
process.on('disconnect', () => process.exit(1))
const backend = await startBackend({ config: readConfig(process.env), clock: () => Date.now() + aheadMs })
process.on('SIGTERM', () => void backend.close().then(() => process.exit(0)))
process.send?.('ready')
