/**
 * @module How long a merchant is waited for: five seconds, and by a jump of the clock less once it has let them run out.
 */
import type { AskOutside } from '../schedule.ts'
import { type Deliver, type DeliveryAnswer, NO_ANSWER } from './deliver.ts'

export type Reach = (
  askOutside: AskOutside,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<DeliveryAnswer>

/** How long a jump stands still for a merchant that hung before, in real time. */
export const JUMP_STANDS_MS = 1_000

/** How many are remembered; with more, those that hung longest ago are waited for again. */
const MAX_HUNG = 100

/** A sending that no jump waits for, made by hand: only real time ends it. */
export const byHand: AskOutside = (_limits, ask) => ask(new AbortController().signal)

/** @param options both in milliseconds: of real time, `timeoutMs` of virtual time as well. */
export function openReach(
  deliver: Deliver,
  { timeoutMs, jumpStandsMs }: { readonly timeoutMs: number; readonly jumpStandsMs: number },
): Reach {
  /** Whoever let the whole time run out, until the next answer. One that is merely slow isn't cut short. */
  const hung = new Set<string>()
  return async (askOutside, url, headers, body) => {
    const { origin } = new URL(url)
    const limits = { virtualMs: timeoutMs, jumpStandsMs: hung.has(origin) ? jumpStandsMs : timeoutMs }
    const answer = await askOutside(limits, (isOver) => deliver(url, headers, body, isOver))
    hung.delete(origin)
    if ('error' in answer && answer.error === NO_ANSWER) hung.add(origin)
    for (const oldest of hung) if (hung.size > MAX_HUNG) hung.delete(oldest)
    return answer
  }
}
