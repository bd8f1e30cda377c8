/** @module What every command needs: arguments, files, and the configuration in the environment. */
import { readFileSync } from 'node:fs'
import { JsonShapeError } from '../json.ts'
import type { V2SignType } from '../v2/sign.ts'
import { FlatXmlError } from '../v2/xml.ts'

/** The world of a command. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>
  print(text: string): void
  complain(text: string): void
  readonly clock: () => number
}

/** The command was called wrongly: nothing was tried. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Options (`--name value`, and flags) and what is left of the arguments. */
export interface Arguments {
  readonly options: ReadonlyMap<string, string>
  readonly rest: readonly string[]
}

/** @throws UsageError for an option that is not among the names, or one without its value */
export function readArguments(
  args: readonly string[],
  names: { readonly values?: readonly string[]; readonly flags?: readonly string[] },
): Arguments {
  const options = new Map<string, string>()
  const rest: string[] = []
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('--')) {
      rest.push(arg)
    } else if (names.flags?.includes(arg.slice(2))) {
      options.set(arg.slice(2), '')
    } else if (names.values?.includes(arg.slice(2))) {
      index += 1
      const value = args[index]
      if (value === undefined) throw new UsageError(`${arg} needs a value`)
      options.set(arg.slice(2), value)
    } else {
      throw new UsageError(`there is no option ${arg} here`)
    }
  }
  return { options, rest }
}

/** The bytes of a file, or of standard input for `-`. */
export function readBytes(file: string | undefined, what: string): Buffer {
  if (file === undefined) throw new UsageError(`give ${what}: a file, or - for standard input`)
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch {
    throw new UsageError(`${file} cannot be read`)
  }
}

/** Runs a reader over what was given; what it finds wrong is said in one line. */
export function reading<T>(file: string | undefined, what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof JsonShapeError || error instanceof FlatXmlError)) throw error
    throw new UsageError(`${file ?? 'it'} is no ${what}: ${error.message}`)
  }
}

/** The configuration: the environment, and before it what a file of `NAME=value` lines says. */
export interface Settings {
  /** Undefined when it is not set, or set to nothing. */
  get(name: string): string | undefined
  /** PEM: the text itself under `NAME`, or a file under `NAME_FILE`. */
  pem(name: string): string | undefined
}

export function readSettings(io: CommandIo, envFile: string | undefined): Settings {
  const fromFile = envFile === undefined ? new Map<string, string>() : readEnvFile(envFile)
  const get = (name: string): string | undefined => fromFile.get(name) || io.env[name] || undefined
  return {
    get,
    pem(name) {
      const file = get(`${name}_FILE`)
      // A PEM in one line, as some platforms keep it.
      if (file === undefined) return get(name)?.replaceAll('\\n', '\n')
      return readPem(file, `${name}_FILE`, name)
    },
  }
}

/** What the variable holds may be the key itself, put into the wrong one of two: it is not repeated. */
function readPem(file: string, variable: string, instead: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(
      file.includes('-----BEGIN')
        ? `${variable} holds the PEM itself: put it into ${instead}`
        : `${variable} names no file that can be read`,
    )
  }
}

/** The algorithm of v2, spelled as the merchant platform does. */
export function signTypeOf(settings: Settings): V2SignType {
  const signType = settings.get('WXPAY_V2_SIGN_TYPE') ?? 'HMAC-SHA256'
  if (signType !== 'MD5' && signType !== 'HMAC-SHA256') {
    throw new UsageError('WXPAY_V2_SIGN_TYPE must be HMAC-SHA256 or MD5')
  }
  return signType
}

function readEnvFile(file: string): Map<string, string> {
  const lines = readBytes(file, 'a file of NAME=value lines').toString('utf8').split(/\r?\n/)
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const parts = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
      if (parts === null) return []
      const [, name = '', value = ''] = parts
      return [[name, /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value]]
    }),
  )
}
