/** @module After the Node tests: stops their PostgreSQL and deletes its folder. */
import { deleteEmbeddedPostgres } from './embedded-server.ts'
import './global-setup.ts'

const tearDown = async (): Promise<void> => {
  const started = globalThis.yuanluTestPostgres
  if (started === undefined) return
  await started.server.stop()
  await deleteEmbeddedPostgres({ dataDir: started.folder })
}

// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default tearDown
