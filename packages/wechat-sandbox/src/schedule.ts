/**
 * @module Work that is due at an instant of the virtual clock: kept in order, run when that clock gets there.
 */
import { type Clock, LATEST_MS } from './clock.ts'
import type { Log } from './core.ts'

/** How long somebody outside is waited for. */
export interface Limits {
  /** His time in virtual milliseconds: where a jump passes its end, it is over. */
  readonly virtualMs: number
  /** How long a jump stands still for him, in real milliseconds. */
  readonly jumpStandsMs: number
}

/** Asks somebody outside; the signal says that a jump of the clock went past the end of his time. */
export type AskOutside = <T>(limits: Limits, ask: (isOver: AbortSignal) => Promise<T>) => Promise<T>

export interface Work {
  /** Whether it is still to come: decided by hand or gone in between, it isn't. */
  isAwaited(): boolean
  run(askOutside: AskOutside): Promise<void>
}

export interface Schedule {
  plan(due: number, id: string, work: Work): void
  /**
   * Moves the virtual clock, stopping at every due instant on the way until what was due is done; answers when all of it
   * is. Somebody outside who lets a stop last for longer than his limits say is left behind: the clock goes on, and when
   * it comes to the end of his time, that is over.
   */
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

/** What somebody outside is asked by work that runs. */
interface Question {
  /** When his time is over, on the virtual clock. */
  readonly overAt: number
  readonly isOver: AbortController
  /** A jump stood still for him as long as it does. */
  isSlow: boolean
}

interface Run {
  done: Promise<void>
  readonly questions: Set<Question>
}

type Pause = (ms: number, end: AbortSignal) => Promise<void>

const MAX_TIMER_MS = 60_000

/** @param pause waits in real time, until `end` at most. */
export function openSchedule(clock: Clock, log: Log, pause: Pause): Schedule {
  const heap: Task[] = []
  const running = new Set<Run>()
  /** Told when somebody has become slow. */
  let onSlow = (): void => {}
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
      start(task)
    }
    arm()
  }

  const start = ({ id, work }: Task): void => {
    const run: Run = { done: Promise.resolve(), questions: new Set() }
    running.add(run)
    run.done = work
      .run((limits, ask) => askOutside(run, limits, ask))
      .catch((error: unknown) => log('schedule.failed', { id, error: String(error) }))
      .finally(() => running.delete(run))
  }

  const askOutside = async <T>(run: Run, limits: Limits, ask: (isOver: AbortSignal) => Promise<T>) => {
    const question: Question = {
      overAt: clock.now() + limits.virtualMs,
      isOver: new AbortController(),
      isSlow: false,
    }
    const answered = new AbortController()
    run.questions.add(question)
    void pause(limits.jumpStandsMs, answered.signal).then(() => {
      question.isSlow = true
      onSlow()
    })
    try {
      return await ask(question.isOver.signal)
    } finally {
      run.questions.delete(question)
      answered.abort()
    }
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
    while (running.size > 0) await Promise.all([...running].map(({ done }) => done))
  }

  /** It waits for slow ones, and for nothing else. One whose time is over is about to go on, and waited for. */
  const isHeldUp = ({ questions }: Run): boolean =>
    questions.size > 0 && [...questions].every(({ isSlow, isOver }) => isSlow && !isOver.signal.aborted)

  /** Until all that runs is done or held up. */
  const settled = async (): Promise<void> => {
    for (;;) {
      const busy = [...running].filter((run) => !isHeldUp(run))
      if (busy.length === 0) return
      const slow = new Promise<void>((resolve) => {
        onSlow = resolve
      })
      await Promise.race([slow, ...busy.map(({ done }) => done)])
    }
  }

  const openQuestions = (): Question[] => [...running].flatMap(({ questions }) => [...questions])

  /** Where the clock has to stop next: what falls due, and the end of somebody's time. */
  const nextStop = (): number =>
    Math.min(first()?.due ?? Number.POSITIVE_INFINITY, ...openQuestions().map(({ overAt }) => overAt))

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
          await settled()
          const stop = nextStop()
          if (isClosed) break
          if (stop > Math.max(target(), clock.now())) {
            if (running.size === 0) break
            // Nothing is left to go on to: now whoever is slow has all of his time.
            await Promise.race([...running].map(({ done }) => done))
            continue
          }
          clock.moveTo(stop)
          for (const { overAt, isOver } of openQuestions()) if (overAt <= clock.now()) isOver.abort()
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
