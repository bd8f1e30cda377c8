/** @module What the compiler has to say about a program: problems with a place, and the error that carries all of them. */

/** One finding, at a place a developer can click. Lines and columns count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** Path relative to the program's root, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** What is wrong and what to do about it. */
  readonly message: string
}

/** Thrown by `compileMiniprogram` when the program cannot run; `problems` lists everything found, not just the first. */
export class PreviewCompileError extends Error {
  override readonly name = 'PreviewCompileError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error')
    super(`the mini-program does not compile:\n${errors.map(formatProblem).join('\n')}`)
    this.problems = problems
  }
}

/** `pages/shop/shop.wxml:3:7 error: …`, the form editors and terminals turn into a link. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.severity}: ${problem.message}`
}

/** Collects problems while the compiler keeps going, so that one run shows all of them. */
export class ProblemList {
  readonly all: Problem[] = []

  error(place: { file: string; line?: number; column?: number }, message: string): void {
    this.add('error', place, message)
  }

  warning(place: { file: string; line?: number; column?: number }, message: string): void {
    this.add('warning', place, message)
  }

  get hasErrors(): boolean {
    return this.all.some((problem) => problem.severity === 'error')
  }

  /** @throws PreviewCompileError when an error was recorded. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new PreviewCompileError(this.all)
  }

  private add(
    severity: Problem['severity'],
    { file, line = 1, column = 1 }: { file: string; line?: number; column?: number },
    message: string,
  ): void {
    this.all.push({ severity, file, line, column, message })
  }
}

/** Turns an offset in a text into a line and a column, both from 1. */
export function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, offset))
  const lastBreak = before.lastIndexOf('\n')
  return { line: before.split('\n').length, column: before.length - lastBreak }
}
