/** @module A resident process's own interval for due jobs. Truth is in the store; this only looks often. */

export interface ResidentJobs {
  /** Resolves when a run under way is over. */
  stop(): Promise<void>
}

export const startResidentJobs = (options: {
  readonly run: () => Promise<unknown>
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}): ResidentJobs => {
  let running: Promise<void> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    // A slow run is never overtaken by the next one.
    if (busy) return
    busy = true
    running = options
      .run()
      .then(() => undefined, options.onError)
      .finally(() => {
        busy = false
      })
  }, options.everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
