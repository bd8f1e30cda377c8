/** @module A process that starts the embedded PostgreSQL, says so, and waits to be killed. */
import { startEmbeddedPostgres } from '../support/embedded-server.ts'

const server = await startEmbeddedPostgres({ dataDir: process.env.DATA_DIR ?? '', durability: 'fast' })
console.log(JSON.stringify({ url: server.url, port: server.port, adopted: server.adopted }))
setInterval(() => {}, 60_000)
