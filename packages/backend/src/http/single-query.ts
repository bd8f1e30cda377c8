/** @module A query as one object. */
import type { Context } from 'hono'
import type { AppEnv } from './base-app.ts'

/** A member that is there twice stays a list, which no schema takes. */
export const singleQuery = (c: Context<AppEnv>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(c.req.queries()).map(([key, values]) => [
      key,
      values.length === 1 ? (values[0] ?? '') : values,
    ]),
  )
