/** @module A process that prepares the tests' PostgreSQL as jest does, says so, and waits to be told to stop. */
import setUp from '../support/global-setup.ts'

await setUp()
console.log(process.env.TEST_DATABASE_URL)
setInterval(() => {}, 60_000)
