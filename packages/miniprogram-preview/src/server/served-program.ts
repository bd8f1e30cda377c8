/** @module The program as it is being served: compiled at the start, and again when a file changes. */
import { EventEmitter } from 'node:events'
import { type CompileOptions, compileMiniprogram } from '../compile/compile-miniprogram.ts'
import { formatProblem, PreviewCompileError } from '../compile/problems.ts'

/** What phones and the page around them are told. */
export interface ProgramState {
  /** Grows with every compilation. */
  readonly version: number
  /** Problems of the last compilation, one a line; empty when it went well. */
  readonly problems: readonly string[]
}

export class ServedProgram {
  state: ProgramState = { version: 0, problems: [] }
  private readonly options: CompileOptions
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private running: Promise<void> | undefined
  private isStale = false

  constructor(options: CompileOptions) {
    this.options = options
  }

  /** @throws PreviewCompileError */
  async compile(): Promise<void> {
    const result = await compileMiniprogram(this.options)
    this.tell(result.warnings.map(formatProblem), [])
  }

  /** Compiles again; problems are shown on the phones instead of thrown. Calls while it runs lead to one more run. */
  async recompile(): Promise<void> {
    this.isStale = true
    this.running ??= this.runUntilFresh().finally(() => {
      this.running = undefined
    })
    await this.running
  }

  onChange(listener: (state: ProgramState) => void): () => void {
    this.changes.on('change', listener)
    return () => this.changes.off('change', listener)
  }

  private async runUntilFresh(): Promise<void> {
    while (this.isStale) {
      this.isStale = false
      try {
        await this.compile()
      } catch (error) {
        this.tell([], problemsOf(error))
      }
    }
  }

  private tell(warnings: readonly string[], problems: readonly string[]): void {
    for (const line of warnings) console.warn(`[preview] ${line}`)
    this.state = { version: this.state.version + 1, problems }
    this.changes.emit('change', this.state)
  }
}

function problemsOf(error: unknown): string[] {
  if (error instanceof PreviewCompileError) {
    return error.problems.filter(({ severity }) => severity === 'error').map(formatProblem)
  }
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}
