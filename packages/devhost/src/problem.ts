/** @module A reason not to start that the person at the keyboard can do something about. */

/** Its message is a plain sentence that says what to do; nobody needs its stack. */
export class DevhostProblem extends Error {
  override readonly name = 'DevhostProblem'
}
