/**
 * @module A scenario: faults to plan now and control calls to make later, on the virtual clock; the same file replays the same story.
 */
import { ControlError } from './control/control-error.ts'
import { findRoute } from './control/routes.ts'
import { isWholeNumber } from './faults.ts'
import { isRecord, type JsonRecord } from './json.ts'

export interface ScenarioStep {
  readonly afterMs: number
  /** A call of the control API, `POST /clock` apart: time is what a scenario runs on. */
  readonly call: string
  readonly body: JsonRecord
}

export interface Scenario {
  readonly faults: readonly JsonRecord[]
  readonly steps: readonly ScenarioStep[]
}

export const MAX_STEPS = 1_000
const MAX_AFTER_MS = 10 * 366 * 86_400_000

/** Reads `{faults?, steps?}`; the message of a refusal names the member. */
export function parseScenario(json: JsonRecord): Scenario {
  const refuse = (message: string): never => {
    throw new ControlError(400, 'INVALID_INPUT', message)
  }
  const extra = Object.keys(json).find((name) => name !== 'faults' && name !== 'steps')
  if (extra !== undefined) refuse(`${extra} is no member of a scenario; known are faults and steps`)
  const { faults = [], steps = [] } = json
  if (!Array.isArray(faults) || faults.length > MAX_STEPS) return refuse('faults must be a list of faults')
  if (!Array.isArray(steps) || steps.length > MAX_STEPS)
    return refuse(`steps must be a list of at most ${MAX_STEPS}`)
  const givenFaults: unknown[] = faults
  const givenSteps: unknown[] = steps
  return {
    faults: givenFaults.map((fault, index) =>
      isRecord(fault) ? fault : refuse(`faults[${index}] must be an object`),
    ),
    steps: givenSteps.map((step, index) => {
      if (!isRecord(step)) return refuse(`steps[${index}] must be an object of afterMs, call and body`)
      const { afterMs, call, body = {} } = step
      if (!isWholeNumber(afterMs, 0, MAX_AFTER_MS))
        return refuse(`steps[${index}].afterMs must be whole milliseconds`)
      if (typeof call !== 'string' || !/^(POST|DELETE) \/\S+$/.test(call) || call === 'POST /clock')
        return refuse(`steps[${index}].call must read like "POST /balance"; POST /clock is not for scenarios`)
      const [method = '', path = ''] = call.split(' ')
      try {
        findRoute(method, path)
      } catch (error) {
        return refuse(`steps[${index}].call: ${error instanceof Error ? error.message : String(error)}`)
      }
      if (!isRecord(body)) return refuse(`steps[${index}].body must be an object`)
      return { afterMs, call, body }
    }),
  }
}
