/** @module State machines as tables: which event moves which state where. */

/** `table[state][event]` is the next state; an event that a state does not name does not move it. */
export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>

/** The state an event leads to, or null where the table does not let it move. */
export const nextState = <State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
  state: State,
  event: Event,
): State | null => table[state][event] ?? null

/** Every state that some sequence of events reaches from `start`. */
export const reachableStates = <State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
  start: State,
): Set<State> => {
  const seen = new Set<State>([start])
  const queue: State[] = [start]
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const next of Object.values<State | undefined>(table[state])) {
      if (next === undefined || seen.has(next)) continue
      seen.add(next)
      queue.push(next)
    }
  }
  return seen
}

/**
 * What a decision about an aggregate came to. A repeated event is `unchanged`, late news is `stale`;
 * neither is an error.
 */
export type Step<T> =
  | { readonly kind: 'moved'; readonly next: T }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'stale'; readonly why: string }

export const moved = <T>(next: T): Step<T> => ({ kind: 'moved', next })
export const unchanged: { readonly kind: 'unchanged' } = { kind: 'unchanged' }
export const stale = (why: string): { readonly kind: 'stale'; readonly why: string } => ({
  kind: 'stale',
  why,
})
