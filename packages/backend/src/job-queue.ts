/** @module Due jobs, one run at a time in this process. */
import { type ShopDeps, sweep } from '@yuanlu/shop'

/** Runs what is due, at most `limit` items, and counts it in the words of `POST /internal/tick`. */
export type RunJobs = (limit: number) => Promise<Record<string, number>>

/**
 * A run that is asked for while another is under way begins when that one is over. So when it answers, what was due is
 * done, and not merely claimed by somebody. Processes among each other are kept apart by the store's claims.
 */
export const createJobQueue = (deps: ShopDeps): RunJobs => {
  let last: Promise<unknown> = Promise.resolve()
  return (limit) => {
    const run = last.then(() => runDueJobs(deps, limit))
    last = run.catch(() => undefined)
    return run
  }
}

/** One run, beside whatever else runs: for whoever has a process of its own, such as a cloud function, and little time. */
export const runDueJobs = async (
  deps: ShopDeps,
  limit: number,
  hasTime?: () => boolean,
): Promise<Record<string, number>> => {
  const counts = await sweep(deps, limit, hasTime)
  return {
    expire: counts.expire,
    settlePayments: counts.settlePayments,
    settleRefunds: counts.settleRefunds,
    autoApprove: counts.autoApprove,
    returns: counts.returns,
    complete: counts.complete,
    effects: counts.effects,
    journal: counts.journal,
    reconcile: 0,
  }
}
