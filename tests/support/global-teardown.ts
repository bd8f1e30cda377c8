/** @module After the Node tests: stops their PostgreSQL and deletes its folder. */
import { rm } from 'node:fs/promises'
import './global-setup.ts'

const tearDown = async (): Promise<void> => {
  const started = globalThis.yuanluTestPostgres
  if (started === undefined) return
  await started.server.stop()
  await rm(started.folder, { recursive: true, force: true })
}

// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default tearDown
