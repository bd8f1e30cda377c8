/** @module The calling convention of wx: success, fail and complete, or a promise when none of them is given. */

/** Thrown inside a call to fail it; the message is what follows `name:fail `. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  /** Further fields of the failure, like `errno`. */
  readonly fields: Readonly<Record<string, unknown>>

  constructor(message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.fields = fields
  }
}

export interface CallResult {
  readonly errMsg: string
  readonly [field: string]: unknown
}

export interface Callbacks {
  success?(result: CallResult): void
  fail?(result: CallResult): void
  complete?(result: CallResult): void
}

// A call may have nothing to add to its result, so its work may return nothing at all.
type Run<Options> = (options: Options) => unknown

/** Makes one wx function. What `run` returns is added to the result; what it throws becomes the failure. */
export function wxCall<Options extends object = object>(
  name: string,
  run: Run<Options>,
): (options?: Options & Callbacks) => Promise<CallResult> | undefined {
  return (given) => {
    const options: Options & Callbacks = given ?? ({} as Options & Callbacks)
    const outcome = settle(name, run, options)
    if (options.success === undefined && options.fail === undefined && options.complete === undefined) {
      return outcome.then(({ ok, result }) => {
        if (ok) return result
        throw result
      })
    }
    void outcome.then(({ ok, result }) => report(options, ok, result))
    return undefined
  }
}

/** Calls back in WeChat's order: success or fail, then complete. */
export function report(callbacks: Callbacks, ok: boolean, result: CallResult): void {
  if (ok) callbacks.success?.(result)
  else callbacks.fail?.(result)
  callbacks.complete?.(result)
}

async function settle<Options>(
  name: string,
  run: Run<Options>,
  options: Options,
): Promise<{ ok: boolean; result: CallResult }> {
  try {
    const fields = await run(options)
    const added = typeof fields === 'object' && fields !== null ? fields : {}
    return { ok: true, result: { errMsg: `${name}:ok`, ...added } }
  } catch (error) {
    return { ok: false, result: failureResult(name, error) }
  }
}

export function failureResult(name: string, error: unknown): CallResult {
  const message = error instanceof Error ? error.message : String(error)
  const fields = error instanceof CallFailure ? error.fields : {}
  return { ...fields, errMsg: `${name}:fail ${message}` }
}
