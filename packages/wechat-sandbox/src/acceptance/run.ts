/**
 * @module Runs the rules one after the other and collects what came out.
 */
import { type ControlCall, SandboxGoneError, type ShopDriver } from './driver.ts'
import { openPatience } from './patience.ts'
import { RULES, type Rule, type Verdict } from './rules.ts'
import { lastSending, openStage, type Stage } from './stage.ts'

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
}

/** @throws SandboxGoneError when the sandbox goes away midway */
export async function runAcceptance(options: AcceptanceOptions): Promise<AcceptanceReport> {
  const { control, driver, notifyUrl, protocol, only } = options
  const patience = openPatience()
  const newStage = (): Stage => openStage(control, driver, notifyUrl, protocol, patience)
  const rules: RuleReport[] = []
  let genuineAcknowledged = false
  await learnPace()
  for (const rule of RULES.filter(({ id }) => only.length === 0 || only.includes(id))) {
    const verdict = await judge(rule)
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

  /** What must not happen is waited for as long as what should have happened took. */
  async function learnPace(): Promise<void> {
    if (driver === null) return
    const stage = newStage()
    try {
      const outTradeNo = await stage.order()
      await stage.pay(outTradeNo)
      const [notice] = await stage.paymentNotices(outTradeNo)
      genuineAcknowledged ||= stage.hasTakenAny
      if (notice !== undefined && lastSending(notice).ok) await stage.until(() => stage.isPaid(outTradeNo))
    } catch (error) {
      if (error instanceof SandboxGoneError) throw error
      // A shop that can't be paid breaks the rules below, each with its reason.
    }
  }

  async function judge(rule: Rule): Promise<Verdict> {
    if (rule.needs !== 'notify-url' && driver === null)
      return { outcome: 'skipped', detail: 'needs --driver' }
    if (rule.needs === 'elapse' && driver?.elapse === undefined)
      return { outcome: 'skipped', detail: 'the driver has no elapse()' }
    const stage = newStage()
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
