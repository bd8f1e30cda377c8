/** @module The channel between a page and the page it opened (EventChannel). */

type Listener = (...args: unknown[]) => void

export class EventChannel {
  private readonly listeners = new Map<string, Set<Listener>>()

  constructor(initial: Readonly<Record<string, Listener>> = {}) {
    for (const [name, listener] of Object.entries(initial)) this.on(name, listener)
  }

  on(name: string, listener: Listener): void {
    const set = this.listeners.get(name) ?? new Set()
    set.add(listener)
    this.listeners.set(name, set)
  }

  once(name: string, listener: Listener): void {
    const wrapped: Listener = (...args) => {
      this.off(name, wrapped)
      listener(...args)
    }
    this.on(name, wrapped)
  }

  off(name: string, listener?: Listener): void {
    if (listener === undefined) this.listeners.delete(name)
    else this.listeners.get(name)?.delete(listener)
  }

  emit(name: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(...args)
  }
}
