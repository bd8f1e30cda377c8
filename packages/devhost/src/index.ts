/** @module What tests and tools use of the development host. */
export { type Devhost, type DevhostOptions, startDevhost } from './devhost.ts'
export { anyFreePort } from './free-port.ts'
export { type FunctionHost, type FunctionHostOptions, startFunctionHost } from './functions/function-host.ts'
export type { Route } from './functions/http-access.ts'
export { FunctionFailure } from './functions/instance.ts'
export { nextTime } from './functions/timers.ts'
export { OWNER, PEOPLE, type Person } from './people.ts'
export {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres.ts'
export { DevhostProblem } from './problem.ts'
export type { RunInfo } from './run-file.ts'
export { type Environment, readSettings, type Settings } from './settings.ts'
