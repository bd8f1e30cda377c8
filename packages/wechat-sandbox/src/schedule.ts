/**
 * @module Work that is due at an instant of the virtual clock: kept in order, run when that clock gets there.
 */
import { type Clock, LATEST_MS } from './clock.ts'
import type { Log } from './core.ts'

export interface Work {
  /** Whether it is still to come: decided by hand or gone in between, it isn't. */
  isAwaited(): boolean
  run(): Promise<void>
}

export interface Schedule {
  plan(due: number, id: string, work: Work): void
  /** Moves the virtual clock, stopping at every due instant on the way; answers when all of it is done. */
  advance(by: { readonly ms: number } | { readonly to: number }): Promise<void>
  /** When the next thing is due; null when nothing is. */
  nextDueAt(): number | null
  /** Forgets all that is planned. */
  clear(): void
  /** Looks at the clock again, after it was stopped or let run. */
  wake(): void
  close(): Promise<void>
}

interface Task {
  readonly due: number
  /** Planned earlier, run earlier: tasks of one instant keep their order. */
  readonly order: number
  readonly id: string
  readonly work: Work
}

const MAX_TIMER_MS = 60_000

export function openSchedule(clock: Clock, log: Log): Schedule {
  const heap: Task[] = []
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let advancing: Promise<void> = Promise.resolve()
  let isClosed = false
  let planned = 0

  /** The first that is still to come; what isn't is forgotten. */
  const first = (): Task | undefined => {
    while (heap[0] !== undefined && !heap[0].work.isAwaited()) popHeap(heap)
    return heap[0]
  }

  const runDue = (): void => {
    for (let task = first(); task !== undefined && task.due <= clock.now(); task = first()) {
      popHeap(heap)
      const { id } = task
      const run = task.work
        .run()
        .catch((error: unknown) => log('schedule.failed', { id, error: String(error) }))
        .finally(() => running.delete(run))
      running.add(run)
    }
    arm()
  }

  const arm = (): void => {
    clearTimeout(timer)
    const next = first()
    // A clock that stands still gets to nothing by itself.
    if (next === undefined || isClosed || (clock.isPaused() && next.due > clock.now())) return
    const wait = Math.min(Math.max(next.due - clock.now(), 0), MAX_TIMER_MS)
    timer = setTimeout(runDue, wait)
    timer.unref()
  }

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running)
  }

  return {
    plan(due, id, work) {
      pushHeap(heap, { due, order: planned++, id, work })
      arm()
    },
    advance(by) {
      advancing = advancing.then(async () => {
        // A span is added to whatever time it was: the time this takes is real time on top of it.
        const start = clock.now()
        const realStart = clock.real()
        const elapsed = (): number => (clock.isPaused() ? 0 : clock.real() - realStart)
        // Each of several spans that were asked for at once may have looked possible; together they may not be.
        const target = (): number => Math.min('to' in by ? by.to : start + by.ms + elapsed(), LATEST_MS)
        for (;;) {
          await idle()
          const next = first()
          if (isClosed || next === undefined || next.due > Math.max(target(), clock.now())) break
          clock.moveTo(next.due)
          runDue()
        }
        clock.moveTo(target())
        arm()
      })
      return advancing
    },
    nextDueAt: () => first()?.due ?? null,
    clear() {
      heap.length = 0
      arm()
    },
    wake: arm,
    async close() {
      isClosed = true
      clearTimeout(timer)
      await idle()
    },
  }
}

function pushHeap(heap: Task[], task: Task): void {
  heap.push(task)
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!swapIfEarlier(heap, at, parent)) break
    at = parent
  }
}

function popHeap(heap: Task[]): Task | undefined {
  const [first] = heap
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  heap[0] = last
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const right = left + 1
    const child = right < heap.length && isEarlier(heap[right], heap[left]) ? right : left
    if (child >= heap.length || !swapIfEarlier(heap, child, at)) break
    at = child
  }
  return first
}

function swapIfEarlier(heap: Task[], child: number, parent: number): boolean {
  const a = heap[child]
  const b = heap[parent]
  if (a === undefined || b === undefined || !isEarlier(a, b)) return false
  heap[child] = b
  heap[parent] = a
  return true
}

function isEarlier(a: Task | undefined, b: Task | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
