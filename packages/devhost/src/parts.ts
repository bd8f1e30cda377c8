/** @module The parts of the stack that run, and their end: in reverse order, whatever happens to each. */

interface Part {
  readonly name: string
  stop(): Promise<void>
}

/** How long one part may take to stop before the others are stopped without it. */
const STOP_WITHIN_MS = 15_000

export class Parts {
  readonly #stopOrder: readonly string[]
  readonly #running: Part[] = []

  /** @param stopOrder the names of all parts, the first to be stopped first */
  constructor(stopOrder: readonly string[]) {
    this.#stopOrder = stopOrder
  }

  /** Remembers a part that runs from now on. */
  add(name: string, stop: () => Promise<void>): void {
    this.#running.push({ name, stop })
  }

  /**
   * Stops what runs. A part that fails to stop, or takes too long, does not keep the others from stopping.
   *
   * @returns what could not be stopped, as sentences
   */
  async stopAll(): Promise<string[]> {
    const failures: string[] = []
    const order = (part: Part) => this.#stopOrder.indexOf(part.name)
    const parts = this.#running.splice(0).sort((a, b) => order(a) - order(b))
    for (const part of parts) {
      try {
        await within(STOP_WITHIN_MS, part.stop())
      } catch (error) {
        failures.push(`${part.name} did not stop: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return failures
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${ms / 1000} s`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
