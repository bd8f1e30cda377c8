/** @module The doctor: everything that can be looked at from here, one finding each, nothing changed anywhere. */
import { type BackendConfig, ConfigError, type Environment, readConfig } from '../config.ts'
import { connectWechat, type Wechat } from '../connect-wechat.ts'
import { checkDatabase } from './database.ts'
import { type Finding, failed, ok } from './finding.ts'
import { checkPublicAddress } from './public-address.ts'
import { checkSettings } from './settings.ts'
import { checkCalls, checkLogin, checkMerchantFiles } from './wechat.ts'

export interface Patient {
  readonly env: Environment
  /** A certificate authority to trust besides the usual ones, PEM. */
  readonly extraCaPem?: string
  readonly clock?: () => number
  /** Hears of each finding as soon as there is one. */
  readonly onFinding?: (finding: Finding) => void
}

/** Never throws for what is wrong with the patient: that is what the findings are for. */
export const diagnose = async (patient: Patient): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  const note = (...more: readonly Finding[]): void => {
    for (const finding of more) {
      findings.push(finding)
      patient.onFinding?.(finding)
    }
  }
  const config = attempt(() => readConfig(patient.env))
  if (config instanceof ConfigError) note(...variablesOf(config))
  else {
    note(ok('environment', 'every variable that is needed is there'))
    await examine(config, patient, note)
  }
  return findings
}

const examine = async (
  config: BackendConfig,
  { clock = Date.now, extraCaPem }: Patient,
  note: (...findings: readonly Finding[]) => void,
): Promise<void> => {
  note(...checkSettings(config), ...checkMerchantFiles(config, clock()))
  note(await checkDatabase(config.store))
  note(...(await checkCalls(config, clock, extraCaPem)))
  const wechat = attempt<Wechat>(() => connectWechat({ config, clock, extraCaPem }))
  if (wechat instanceof ConfigError) note(...variablesOf(wechat))
  else {
    try {
      note(await checkLogin(wechat.platform))
    } finally {
      wechat.destroy()
    }
  }
  note(await checkPublicAddress(config.notifyBaseUrl, clock))
}

const attempt = <T>(build: () => T): T | ConfigError => {
  try {
    return build()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

const variablesOf = ({ problems }: ConfigError): Finding[] =>
  problems.map(({ variable, problem }) => failed(variable, problem, 'docs/configuration.md explains it'))
