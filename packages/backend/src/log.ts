/** @module Events as one JSON object a line on stdout. */
import type { Log } from '@yuanlu/shop'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

export const createLog = (input: {
  readonly level: LogLevel
  readonly clock: () => number
  readonly write: (line: string) => void
}): Log => {
  const threshold = LEVELS.indexOf(input.level)
  const at =
    (level: LogLevel) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (LEVELS.indexOf(level) < threshold) return
      // JSON escapes line breaks and control characters: an event is one line, whatever is in it.
      input.write(
        `${JSON.stringify({ at: new Date(input.clock()).toISOString(), level, event, ...fields })}\n`,
      )
    }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
