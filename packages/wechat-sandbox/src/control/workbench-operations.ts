/**
 * @module The control API's part that works on the sandbox itself: clear it, rotate its certificates, run a scenario.
 */
import type { Core } from '../core.ts'
import { parseFault } from '../faults.ts'
import type { JsonRecord } from '../json.ts'
import { MAX_STEPS, parseScenario, type Scenario } from '../scenario.ts'
import type { Schedule } from '../schedule.ts'
import { BOUNDS } from '../state/tables.ts'
import { ControlError } from './control-error.ts'

export interface CertificatesView {
  readonly certificates: readonly {
    readonly serialNo: string
    readonly state: 'announced' | 'active' | 'old'
  }[]
}

export interface WorkbenchControl {
  /** Forgets every order, refund, notification, message, request, fault and all that was planned. Keys and the clock stay. */
  clear(): Record<string, never>
  certificates(): CertificatesView
  /** The next step of a rotation: a second certificate is announced; it signs; the first is gone. */
  rotateCertificate(): Promise<CertificatesView>
  /** Plans the faults now and the steps on the virtual clock: `{faults?, steps?}`. */
  runScenario(body: JsonRecord): { faults: string[]; steps: number }
}

const CLEARED_KEEPS = ['setting', 'platformCertificate'] as const

/** @param call makes one control call, as the HTTP routes would. */
export function makeWorkbenchControl(
  core: Core,
  schedule: Schedule,
  call: (method: string, path: string, body: JsonRecord) => Promise<unknown>,
): WorkbenchControl {
  const { store, platform, journal, faults, clock, log } = core

  /** Steps that are planned and haven't happened. */
  let waiting = 0

  const certificates = (): CertificatesView => ({ certificates: platform.states() })

  const planSteps = ({ steps }: Scenario): void => {
    const now = clock.now()
    waiting += steps.length
    for (const [index, { afterMs, call: line, body }] of steps.entries()) {
      const [method = '', path = ''] = line.split(' ')
      schedule.plan(now + afterMs, `scenario-${index}`, {
        isAwaited: () => true,
        async run() {
          waiting -= 1
          // A step that the sandbox refuses is said in the log; the story goes on.
          await call(method, path, body).catch((error: unknown) =>
            log('scenario.refused', { step: index, call: line, error: String(error) }),
          )
        },
      })
    }
  }

  return {
    clear() {
      store.clear(CLEARED_KEEPS)
      journal.clear()
      schedule.clear()
      waiting = 0
      return {}
    },
    certificates,
    async rotateCertificate() {
      await platform.rotate()
      return certificates()
    },
    runScenario(body) {
      const scenario = parseScenario(body)
      // All are read before the first is planned: a scenario is taken whole or not at all.
      const parsed = scenario.faults.map((fault, index) => {
        const result = parseFault(fault)
        if (!result.ok) throw new ControlError(400, 'INVALID_INPUT', `faults[${index}]: ${result.message}`)
        return result.fault
      })
      if (store.size('fault') + parsed.length > BOUNDS.faults)
        throw new ControlError(400, 'TOO_MANY', `there may be ${BOUNDS.faults} faults at once; remove some`)
      if (waiting + scenario.steps.length > MAX_STEPS)
        throw new ControlError(400, 'TOO_MANY', `there may be ${MAX_STEPS} steps to come; let some happen`)
      const ids = parsed.map((fault) => faults.add(fault))
      planSteps(scenario)
      return { faults: ids, steps: scenario.steps.length }
    },
  }
}
