/**
 * @module The one error a person sees when the emulator can't start: a plain sentence that names the option to change.
 */

/** The emulator can't start; the message is meant for a person and holds no secret. */
export class EmulatorStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EmulatorStartError'
  }
}
