/**
 * @module The one error a person sees when the sandbox can't start: a plain sentence that names the option to change.
 */

/** The sandbox can't start; the message is meant for a person and holds no secret. */
export class SandboxStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SandboxStartError'
  }
}
