/** @module The catalogue file: a JSON list of products put in place at start. */
import { readFileSync } from 'node:fs'
import { type CatalogueRow, catalogueRow } from '@yuanlu/contract/schemas'
import * as z from 'zod/mini'
import { ConfigError } from './config.ts'

/** @throws ConfigError naming CATALOGUE_FILE and the first row that is wrong */
export const readCatalogue = async (file: string): Promise<CatalogueRow[]> => {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new ConfigError([{ variable: 'CATALOGUE_FILE', problem: 'does not hold well-formed JSON' }])
  }
  const parsed = z.array(catalogueRow).check(z.maxLength(10_000)).safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConfigError([
    {
      variable: 'CATALOGUE_FILE',
      problem: `row ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? 'is not valid'}`,
    },
  ])
}
