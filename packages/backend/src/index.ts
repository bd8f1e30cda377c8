/** @module The backend as a library: what servers, cloud functions and the development host compose. */
export * from './compose.ts'
export { type BackendConfig, ConfigError, type ConfigProblem, readConfig } from './config.ts'
export { type AppDeps, createApp } from './http/app.ts'
export { openApiDocument } from './http/openapi.ts'
export { createRateLimiter } from './http/rate-limit.ts'
export * from './job-queue.ts'
export { createLog } from './log.ts'
export { createSessionTokens } from './session-tokens.ts'
