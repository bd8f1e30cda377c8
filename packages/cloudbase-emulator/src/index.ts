/**
 * @module cloudbase-emulator: what wx-server-sdk speaks over HTTP, on one machine.
 */
export type { IndexDeclaration, IndexField } from './database/sorted-index.ts'
export type { CloudbaseEmulator, EmulatorOptions } from './emulator.ts'
export { startCloudbaseEmulator } from './emulator.ts'
export type { Fault, FaultKind, FaultMatch, FaultOptions, Faults } from './faults.ts'
export { FAULT_KINDS, FaultError } from './faults.ts'
export type { CloudFunction, CloudFunctions } from './functions.ts'
export type { RequestRecord } from './http/admin.ts'
export type { WechatApi } from './openapi/openapi.ts'
export { EmulatorStartError } from './start-error.ts'
