/**
 * @module The embedded PostgreSQL from its source, by path.
 *
 * By path, because jest's global setup does not know the "source" condition: the package's name would lead it to
 * dist/, which a fresh clone does not have. By `require`, because TypeScript cannot rewrite the path of an import
 * that crosses two of its projects.
 */
import type * as binaries from '../../packages/devhost/src/embedded-postgres/binaries.ts'
import type * as problem from '../../packages/devhost/src/embedded-postgres/problem.ts'
import type * as postgres from '../../packages/devhost/src/postgres.ts'

export type EmbeddedPostgres = postgres.EmbeddedPostgres
export type EmbeddedPostgresOptions = postgres.EmbeddedPostgresOptions

export const {
  deleteEmbeddedPostgres,
  startEmbeddedPostgres,
}: typeof postgres = require('../../packages/devhost/src/postgres.ts')
export const {
  packageFor,
}: typeof binaries = require('../../packages/devhost/src/embedded-postgres/binaries.ts')
export const {
  problemOf,
}: typeof problem = require('../../packages/devhost/src/embedded-postgres/problem.ts')
