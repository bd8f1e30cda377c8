/** @module What can be chosen about `npm start`, read from the environment. */
import path from 'node:path'
import type { PortName, PortWish } from './ports.ts'
import { DevhostProblem } from './problem.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Settings {
  /** Everything that is kept between two starts. */
  readonly dataDir: string
  /** The shop's database: PostgreSQL, or a local stand-in for WeChat cloud's. */
  readonly store: 'postgres' | 'cloudbase'
  /** A PostgreSQL of one's own; undefined: the embedded one. */
  readonly databaseUrl: string | undefined
  /** The protocol of new trades at start; the switch beside the phone changes it. */
  readonly newTradesApi: 'v2' | 'v3'
  readonly ports: Readonly<Record<PortName, PortWish>>
}

/** The usual ports. The mini-program's development build calls the backend's. */
const PORTS = {
  backend: { variable: 'PORT', usual: 8080 },
  preview: { variable: 'PREVIEW_PORT', usual: 8090 },
  wechatPay: { variable: 'SANDBOX_PORT', usual: 8443 },
  wechatApi: { variable: 'SANDBOX_API_PORT', usual: 8444 },
  wechatControl: { variable: 'SANDBOX_CONTROL_PORT', usual: 8445 },
} as const satisfies Record<PortName, { variable: string; usual: number }>

/**
 * @param checkout where a relative or missing YUANLU_DATA is counted from
 * @throws DevhostProblem naming the variable that is wrong
 */
export function readSettings(env: Environment, checkout: string): Settings {
  return {
    dataDir: path.resolve(checkout, text(env.YUANLU_DATA) ?? '.yuanlu'),
    store: readChoice(env, 'STORE', ['postgres', 'cloudbase']),
    databaseUrl: text(env.DATABASE_URL),
    newTradesApi: readChoice(env, 'WXPAY_API', ['v3', 'v2']),
    ports: {
      backend: readPort(env, 'backend'),
      preview: readPort(env, 'preview'),
      wechatPay: readPort(env, 'wechatPay'),
      wechatApi: readPort(env, 'wechatApi'),
      wechatControl: readPort(env, 'wechatControl'),
    },
  }
}

/** The first choice is the default. */
function readChoice<const T extends string>(
  env: Environment,
  variable: string,
  choices: readonly [T, ...T[]],
): T {
  const value = text(env[variable]) ?? choices[0]
  const chosen = choices.find((choice) => choice === value)
  if (chosen !== undefined) return chosen
  throw new DevhostProblem(`${variable} must be ${choices.join(' or ')}, not "${value}".`)
}

function readPort(env: Environment, name: PortName): PortWish {
  const { variable, usual } = PORTS[name]
  const value = text(env[variable])
  if (value === undefined) return { variable, port: usual, asked: false }
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (port <= 65_535) return { variable, port, asked: true }
  throw new DevhostProblem(`${variable} must be a port from 0 (any free one) to 65535, not "${value}".`)
}

/** An empty variable counts as unset. */
function text(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}
