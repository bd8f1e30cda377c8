/** @module The environment, read once: every variable checked, every mistake named. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A variable that is missing or wrong, and what is expected of it. */
export interface ConfigProblem {
  readonly variable: string
  readonly problem: string
}

/** Thrown when the environment cannot be served with. Names variables, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.variable}: ${p.problem}`).join('\n'))
    this.problems = problems
  }
}

/** Which store, and where it is. */
export type StoreConfig =
  | { readonly kind: 'postgres'; readonly databaseUrl: string }
  | {
      readonly kind: 'cloudbase'
      /** Null inside a cloud function: the function's own environment, with the function's own credentials. */
      readonly outside: CloudbaseAccess | null
    }

/** What reaching a WeChat cloud environment takes from outside of it. */
export interface CloudbaseAccess {
  readonly envId: string
  readonly secretId: string
  readonly secretKey: string
}

export type StoreKind = StoreConfig['kind']

export interface BackendConfig {
  readonly port: number
  readonly host: string
  readonly store: StoreConfig
  /** Origin that WeChat Pay calls back, without a trailing slash. */
  readonly notifyBaseUrl: string
  readonly trustProxy: number
  /** The first signs, all are accepted. */
  readonly sessionSecrets: readonly string[]
  readonly jobsToken: string | null
  readonly residentJobs: boolean
  readonly appid: string
  readonly appSecret: string
  readonly apiBaseUrl: string
  readonly wxpay: {
    readonly api: 'v2' | 'v3'
    readonly mchid: string
    readonly baseUrl: string
    readonly backupUrl: string
    readonly v2Key: string
    readonly v2SignType: 'HMAC-SHA256' | 'MD5'
    readonly v3Key: string
    readonly certPem: string
    readonly keyPem: string
    readonly publicKey: { readonly id: string; readonly pem: string } | null
  }
  /** Template ids of subscribe messages (订阅消息); null: that message is not sent. */
  readonly templates: {
    readonly refundResult: string | null
    readonly refundRequested: string | null
    readonly shipped: string | null
  }
  /** Where a shopper sends goods back to. */
  readonly returnAddress: string | null
  readonly ownerOpenids: readonly string[]
  readonly catalogueFile: string | null
  readonly orderTtlMs: number
  /** Null: an undecided refund request is never approved by itself. */
  readonly autoApproveMs: number | null
  /** Null: one approval is always enough. */
  readonly secondApprovalFen: number | null
  readonly returnMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

export type Environment = Readonly<Record<string, string | undefined>>

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Reads the backend's configuration.
 *
 * @param program `store`: the only one that it carries a driver of; without it STORE chooses. `folder`: where relative
 *   file names count from; default the working directory
 * @throws ConfigError naming every variable that is missing or wrong
 */
export const readConfig = (
  env: Environment,
  program: { readonly store?: StoreKind; readonly folder?: string } = {},
): BackendConfig => {
  const reader = new EnvReader(env, program.folder ?? '')
  reader.refuseIf(
    'NODE_TLS_REJECT_UNAUTHORIZED',
    env.NODE_TLS_REJECT_UNAUTHORIZED === '0',
    'must not be 0: certificates are always verified. Name an own authority in NODE_EXTRA_CA_CERTS instead',
  )
  const wxpayBaseUrl = reader.origin('WXPAY_BASE_URL', 'https://api.mch.weixin.qq.com')
  const wxpayBackupUrl = reader.origin(
    'WXPAY_BACKUP_URL',
    isLoopback(wxpayBaseUrl) ? wxpayBaseUrl : 'https://api2.mch.weixin.qq.com',
  )
  const publicKeyId = reader.text('WXPAY_PUBLIC_KEY_ID', {
    pattern: /^PUB_KEY_ID_\w+$/,
    expected: 'PUB_KEY_ID_…',
  })
  const publicKeyPem = reader.pem('WXPAY_PUBLIC_KEY', 'PUBLIC KEY')
  reader.refuseIf(
    'WXPAY_PUBLIC_KEY_ID',
    publicKeyId === null && publicKeyPem !== null,
    'is missing beside the public key; both are shown in the merchant platform (微信支付公钥)',
  )
  reader.refuseIf(
    'WXPAY_PUBLIC_KEY_FILE',
    publicKeyId !== null && publicKeyPem === null && !reader.failed('WXPAY_PUBLIC_KEY_FILE'),
    'is missing beside WXPAY_PUBLIC_KEY_ID; give the PEM file of the WeChat Pay public key (微信支付公钥)',
  )

  const config: BackendConfig = {
    port: reader.integer('PORT', { fallback: 8080, min: 0, max: 65535 }),
    host: reader.text('HOST') ?? '127.0.0.1',
    store: readStore(reader, env, program.store),
    notifyBaseUrl: reader.notifyOrigin(wxpayBaseUrl),
    trustProxy: reader.integer('TRUST_PROXY', { fallback: 0, min: 0, max: 10 }),
    sessionSecrets: reader.sessionSecrets(),
    jobsToken: reader.text('JOBS_TOKEN', {
      pattern: /^\S{8,}$/,
      expected: 'at least 8 characters without spaces, better 32',
    }),
    residentJobs: reader.choice('JOBS', ['resident', 'off'], 'resident') === 'resident',
    appid: reader.required('WX_APPID', {
      pattern: /^wx[0-9A-Za-z]{6,30}$/,
      expected: 'the mini-program’s AppID (wx…)',
    }),
    appSecret: reader.required('WX_APPSECRET', {
      pattern: /^\S{8,128}$/,
      expected: 'the mini-program’s AppSecret',
    }),
    apiBaseUrl: reader.origin('WX_API_BASE', 'https://api.weixin.qq.com'),
    wxpay: {
      api: reader.choice('WXPAY_API', ['v3', 'v2'], 'v3'),
      mchid: reader.required('WXPAY_MCHID', {
        pattern: /^[0-9]{8,32}$/,
        expected: 'the merchant number (商户号), digits',
      }),
      baseUrl: wxpayBaseUrl,
      backupUrl: wxpayBackupUrl,
      v2Key: reader.required('WXPAY_V2_KEY', {
        pattern: /^[\x21-\x7e]{32}$/,
        expected:
          'the APIv2 key (APIv2密钥), 32 characters; notifications of both protocols are understood, so both keys are needed',
      }),
      v2SignType: reader.choice('WXPAY_V2_SIGN_TYPE', ['HMAC-SHA256', 'MD5'], 'HMAC-SHA256'),
      v3Key: reader.required('WXPAY_V3_KEY', {
        pattern: /^[\x21-\x7e]{32}$/,
        expected:
          'the APIv3 key (APIv3密钥), 32 characters; notifications of both protocols are understood, so both keys are needed',
      }),
      certPem: reader.requiredPem(
        'WXPAY_CERT',
        'CERTIFICATE',
        'the merchant API certificate (商户API证书, apiclient_cert.pem)',
      ),
      keyPem: reader.requiredPem(
        'WXPAY_KEY',
        'PRIVATE KEY',
        'the merchant API private key (商户API私钥, apiclient_key.pem)',
      ),
      publicKey:
        publicKeyId !== null && publicKeyPem !== null ? { id: publicKeyId, pem: publicKeyPem } : null,
    },
    templates: {
      refundResult: reader.templateId('WX_TEMPLATE_REFUND_RESULT'),
      refundRequested: reader.templateId('WX_TEMPLATE_REFUND_REQUESTED'),
      shipped: reader.templateId('WX_TEMPLATE_SHIPPED'),
    },
    returnAddress: reader.text('RETURN_ADDRESS', {
      pattern: /^[^\p{Cc}]{1,200}$/u,
      expected: 'an address of at most 200 characters, on one line',
    }),
    ownerOpenids: reader.openids('MERCHANT_OWNER_OPENIDS'),
    catalogueFile: reader.readableFile('CATALOGUE_FILE'),
    orderTtlMs: reader.integer('ORDER_TTL_MINUTES', { fallback: 15, min: 2, max: 7 * 24 * 60 }) * 60_000,
    autoApproveMs:
      reader.integer('REFUND_AUTO_APPROVE_HOURS', { fallback: 48, min: 0, max: 8_760 }) * 3_600_000 || null,
    secondApprovalFen:
      reader.integer('REFUND_SECOND_APPROVAL_FEN', { fallback: 0, min: 0, max: 999_999_999 }) || null,
    returnMs: reader.integer('RETURN_DAYS', { fallback: 7, min: 1, max: 365 }) * 86_400_000,
    logLevel: reader.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  }
  reader.finish()
  return config
}

const readStore = (reader: EnvReader, env: Environment, carried: StoreKind | undefined): StoreConfig => {
  const kind = reader.choice('STORE', ['postgres', 'cloudbase'], carried ?? 'postgres')
  reader.refuseIf(
    'STORE',
    carried !== undefined && kind !== carried,
    `is ${kind}, but this program carries the driver of ${carried} alone; leave it unset, or deploy what is built for ${kind}`,
  )
  if ((carried ?? kind) === 'postgres')
    return {
      kind: 'postgres',
      databaseUrl: reader.required('DATABASE_URL', {
        pattern: /^postgres(?:ql)?:\/\//,
        expected: 'postgres://user:password@host:5432/database',
      }),
    }
  // A function, which is what carries one driver, knows its environment and is given credentials with every call.
  if (carried === 'cloudbase' || env.TENCENTCLOUD_RUNENV === 'SCF')
    return { kind: 'cloudbase', outside: null }
  return {
    kind: 'cloudbase',
    outside: {
      envId: reader.required('CLOUDBASE_ENV_ID', {
        pattern: /^[A-Za-z0-9-]{3,64}$/,
        expected: 'the id of the cloud environment (云开发环境ID)',
      }),
      secretId: reader.required('TENCENTCLOUD_SECRETID', {
        pattern: /^\S{8,128}$/,
        expected: 'the SecretId of an API key (云API密钥) that may use this environment',
      }),
      secretKey: reader.required('TENCENTCLOUD_SECRETKEY', {
        pattern: /^\S{8,128}$/,
        expected: 'the SecretKey beside TENCENTCLOUD_SECRETID',
      }),
    },
  }
}

const isLoopback = (origin: string): boolean => LOOPBACK.has(new URL(origin).hostname)

interface TextRule {
  readonly pattern?: RegExp
  readonly expected?: string
}

/** Reads variables and collects what is wrong with them, so that one start names all mistakes at once. */
class EnvReader {
  readonly #env: Environment
  readonly #folder: string
  readonly #problems: ConfigProblem[] = []

  constructor(env: Environment, folder: string) {
    this.#env = env
    this.#folder = folder
  }

  failed(variable: string): boolean {
    return this.#problems.some((p) => p.variable === variable)
  }

  refuseIf(variable: string, wrong: boolean, problem: string): void {
    if (wrong) this.#problems.push({ variable, problem })
  }

  /** An empty variable counts as unset. */
  text(variable: string, rule: TextRule = {}): string | null {
    const value = this.#env[variable]?.trim()
    if (value === undefined || value === '') return null
    if (rule.pattern !== undefined && !rule.pattern.test(value)) {
      this.refuseIf(variable, true, `is wrong; expected ${rule.expected}`)
      return null
    }
    return value
  }

  required(variable: string, rule: { readonly pattern: RegExp; readonly expected: string }): string {
    const value = this.text(variable, rule)
    if (value === null && !this.failed(variable))
      this.refuseIf(variable, true, `is missing; expected ${rule.expected}`)
    return value ?? ''
  }

  choice<const T extends string>(variable: string, choices: readonly T[], fallback: T): T {
    const value = this.text(variable)
    if (value === null) return fallback
    const found = choices.find((c) => c === value)
    this.refuseIf(variable, found === undefined, `must be one of ${choices.join(', ')}`)
    return found ?? fallback
  }

  integer(variable: string, rule: { fallback: number; min: number; max: number }): number {
    const value = this.text(variable)
    if (value === null) return rule.fallback
    const parsed = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN
    const fits = parsed >= rule.min && parsed <= rule.max
    this.refuseIf(variable, !fits, `must be an integer from ${rule.min} to ${rule.max}`)
    return fits ? parsed : rule.fallback
  }

  /** An https origin; plain http on loopback only. */
  origin(variable: string, fallback: string): string {
    const value = this.text(variable)
    if (value === null) return fallback
    const url = URL.canParse(value) ? new URL(value) : null
    const bare =
      url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
    const secure =
      url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
    if (url === null || !bare || !secure) {
      this.refuseIf(
        variable,
        true,
        'must be an origin such as https://shop.example.com, without path (http on loopback only)',
      )
      return fallback
    }
    return url.origin
  }

  notifyOrigin(wxpayBaseUrl: string): string {
    const variable = 'NOTIFY_BASE_URL'
    if (this.text(variable) === null)
      this.refuseIf(variable, true, 'is missing; expected the public https origin that WeChat Pay calls back')
    const origin = this.origin(variable, 'https://missing.invalid')
    this.refuseIf(
      variable,
      origin.startsWith('http:') && !isLoopback(wxpayBaseUrl),
      'must be https: plain http is for loopback with a WXPAY_BASE_URL on loopback',
    )
    return origin
  }

  sessionSecrets(): string[] {
    const rule = { pattern: /^.{32,}$/s, expected: 'at least 32 characters' }
    const current = this.required('SESSION_SECRET', rule)
    const previous = this.text('SESSION_SECRET_PREVIOUS', rule)
    return previous === null ? [current] : [current, previous]
  }

  openids(variable: string): string[] {
    const list = (this.text(variable) ?? '')
      .split(',')
      .map((s) => s.trim())
      .filter((s) => s !== '')
    this.refuseIf(
      variable,
      !list.every((s) => /^[A-Za-z0-9_-]{1,128}$/.test(s)),
      'must be comma-separated openids',
    )
    return list
  }

  templateId(variable: string): string | null {
    return this.text(variable, {
      pattern: /^[A-Za-z0-9_-]{10,128}$/,
      expected: 'the id of a subscribe message template (订阅消息模板ID)',
    })
  }

  readableFile(variable: string): string | null {
    const value = this.text(variable)
    if (value === null) return null
    const file = resolve(this.#folder, value)
    this.refuseIf(variable, !existsSync(file), 'names a file that is not there')
    return file
  }

  /** A PEM from `NAME_FILE`, or from `NAME` itself where files are awkward. */
  pem(name: string, kind: string): string | null {
    const fileVariable = `${name}_FILE`
    const file = this.text(fileVariable)
    const inline = this.text(name)
    if (file === null && inline === null) return null
    const variable = file === null ? name : fileVariable
    // Environments that cannot hold line breaks write them as \n.
    const pem = file === null ? (inline ?? '').replaceAll('\\n', '\n') : this.#read(fileVariable, file)
    if (pem === null) return null
    const fits = new RegExp(`-----BEGIN (?:[A-Z]+ )?${kind}-----`).test(pem)
    this.refuseIf(variable, !fits, `must hold a PEM of a ${kind} (-----BEGIN ${kind}-----)`)
    return fits ? pem : null
  }

  requiredPem(name: string, kind: string, expected: string): string {
    const pem = this.pem(name, kind)
    if (pem === null && !this.failed(name) && !this.failed(`${name}_FILE`))
      this.refuseIf(
        `${name}_FILE`,
        true,
        `is missing; expected a file with ${expected} (or the PEM itself in ${name})`,
      )
    return pem ?? ''
  }

  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems)
  }

  #read(variable: string, file: string): string | null {
    try {
      return readFileSync(resolve(this.#folder, file), 'utf8')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      this.refuseIf(variable, true, `names a file that cannot be read (${code})`)
      return null
    }
  }
}
