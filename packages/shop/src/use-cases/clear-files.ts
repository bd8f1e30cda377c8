/** @module Clear away pictures that no refund came to show. */
import type { ShopDeps } from '../ports.ts'

/** Long enough to finish a request that was begun yesterday. */
const LOOSE_FILE_MS = 24 * 60 * 60_000
/** Files looked at in one sweep; what is left waits for the next one. */
const FILES_AT_ONCE = 50

/** Failing, it holds up no other job: the next sweep tries again. */
export const clearFiles = async (deps: Pick<ShopDeps, 'clock' | 'log' | 'store'>): Promise<void> => {
  try {
    const before = deps.clock() - LOOSE_FILE_MS
    const files = await deps.store.files.clearLoose({ before, limit: FILES_AT_ONCE })
    if (files > 0) deps.log.info('files.cleared', { files })
  } catch (error) {
    deps.log.error('files.notCleared', { reason: error instanceof Error ? error.message : String(error) })
  }
}
