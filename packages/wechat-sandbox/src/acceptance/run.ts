/**
 * @module Runs the rules one after the other and collects what came out.
 */
import { type ControlCall, SandboxGoneError, type ShopDriver } from './driver.ts'
import { openPatience, type PatienceTime } from './patience.ts'
import { ACKNOWLEDGE, RULES, type Rule, type Verdict } from './rules.ts'
import { openStage } from './stage.ts'

export interface RuleReport extends Pick<Rule, 'id' | 'chinese' | 'english' | 'source'> {
  readonly outcome: Verdict['outcome']
  readonly detail: string
}

export interface AcceptanceReport {
  readonly notifyUrl: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Whether a genuine notification was ever acknowledged: without one, refusals prove little. */
  readonly genuineAcknowledged: boolean
  readonly rules: readonly RuleReport[]
}

export interface AcceptanceOptions {
  readonly control: ControlCall
  readonly driver: ShopDriver | null
  readonly notifyUrl: string
  /** Of the orders that the suite places itself, without a driver. */
  readonly protocol: 'v3' | 'v2'
  readonly only: readonly string[]
  readonly onRule?: (rule: RuleReport) => void
  /** By which a shop is waited for; real time unless the rules themselves are tested. */
  readonly time?: PatienceTime
}

/** @throws SandboxGoneError when the sandbox goes away midway */
export async function runAcceptance(options: AcceptanceOptions): Promise<AcceptanceReport> {
  const { control, driver, notifyUrl, protocol, only } = options
  const patience = openPatience(options.time)
  const rules: RuleReport[] = []
  const verdicts = new Map<string, Verdict>()
  let genuineAcknowledged = false
  // What must not happen is waited for as long as what should have happened took: so that comes first.
  if (driver !== null) await verdictOn(ACKNOWLEDGE)
  for (const rule of RULES.filter(({ id }) => only.length === 0 || only.includes(id))) {
    const verdict = await withCounterpart(rule)
    const { id, chinese, english, source } = rule
    const report = { id, chinese, english, source, outcome: verdict.outcome, detail: verdict.detail ?? '' }
    rules.push(report)
    options.onRule?.(report)
  }
  const count = (outcome: Verdict['outcome']): number =>
    rules.filter((rule) => rule.outcome === outcome).length
  return {
    notifyUrl,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    genuineAcknowledged,
    rules,
  }

  /** A rule about what must not happen, kept by a shop where nothing happens, is not known to be kept. */
  async function withCounterpart(rule: Rule): Promise<Verdict> {
    const verdict = await verdictOn(rule.id)
    if (driver === null || verdict.outcome !== 'passed' || rule.counterpart === undefined) return verdict
    const other = await verdictOn(rule.counterpart)
    return other.outcome === 'failed'
      ? {
          outcome: 'failed',
          detail: `it could not be checked, for ${rule.counterpart} is broken: ${other.detail}`,
        }
      : verdict
  }

  /** Each rule is played once, also when others are measured by it. */
  async function verdictOn(id: string): Promise<Verdict> {
    const known = verdicts.get(id)
    if (known !== undefined) return known
    const rule = RULES.find((one) => one.id === id)
    if (rule === undefined) throw new Error(`there is no rule ${id}`)
    const verdict = await judge(rule)
    verdicts.set(id, verdict)
    return verdict
  }

  async function judge(rule: Rule): Promise<Verdict> {
    if (rule.needs !== 'notify-url' && driver === null)
      return { outcome: 'skipped', detail: 'needs --driver' }
    if (rule.needs === 'elapse' && driver?.elapse === undefined)
      return { outcome: 'skipped', detail: 'the driver has no elapse()' }
    const stage = openStage(control, driver, notifyUrl, protocol, patience)
    try {
      const verdict = await rule.check(stage)
      genuineAcknowledged ||= stage.hasTakenAny
      return verdict
    } catch (error) {
      if (error instanceof SandboxGoneError) throw error
      const why = error instanceof Error ? error.message : String(error)
      return { outcome: 'failed', detail: `it could not be checked: ${why}` }
    } finally {
      // A fault that was planned for this rule and never struck must not strike during the next. When the sandbox has
      // gone this throws, whatever the shop made of it.
      await stage.tidy()
    }
  }
}
