/** @module What a shop's first start puts in place, and every other start finds there: owners and the catalogue. */
import { readCatalogue } from './catalogue.ts'
import type { OpenShop } from './compose.ts'

/** @throws ConfigError when CATALOGUE_FILE does not hold a catalogue */
export const prepareShop = async ({ config, store, log }: OpenShop): Promise<void> => {
  await store.staff.ensureOwners(config.ownerOpenids)
  if (config.catalogueFile === null) return
  const added = await store.products.insertMissing(await readCatalogue(config.catalogueFile))
  if (added > 0) log.info('catalogue.added', { products: added })
}
