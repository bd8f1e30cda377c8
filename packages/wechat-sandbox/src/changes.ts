/**
 * @module Tells whoever watches that something changed, at most four times a second, and nobody when nobody watches.
 */

export interface Changes {
  touch(): void
  /** Calls `listener` soon after each change; the returned function ends that. */
  watch(listener: () => void): () => void
}

const QUIET_MS = 250

export function openChanges(): Changes {
  const listeners = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  return {
    touch() {
      if (timer !== undefined || listeners.size === 0) return
      timer = setTimeout(() => {
        timer = undefined
        for (const listener of listeners) listener()
      }, QUIET_MS)
      timer.unref()
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
