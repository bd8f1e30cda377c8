/** @module The environment of deployed functions: one file of variables, split into what a function can hold. */
import fs from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'

/** A function's environment variables may hold this much together (SCF quota, 函数配额限制, read 2026-11). */
const MOST_BYTES = 4096

/** Files that a function carries beside its code, because their text does not fit into its environment. */
const FILE_VARIABLES = {
  WXPAY_CERT: 'apiclient_cert.pem',
  WXPAY_KEY: 'apiclient_key.pem',
  WXPAY_PUBLIC_KEY: 'wechatpay_public_key.pem',
}

/**
 * Every variable of docs/configuration.md: `public` ones are printed, `secret` ones never; `unused` ones a function has no
 * use for, or the platform or this command decides them. A name that is not here is a slip, and may be a secret's.
 *
 * @type {Readonly<Record<string, 'public' | 'secret' | 'unused'>>}
 */
const VARIABLES = {
  NOTIFY_BASE_URL: 'public',
  TRUST_PROXY: 'public',
  SESSION_SECRET: 'secret',
  SESSION_SECRET_PREVIOUS: 'secret',
  JOBS_TOKEN: 'secret',
  DATABASE_URL: 'secret',
  WX_APPID: 'public',
  WX_APPSECRET: 'secret',
  WX_API_BASE: 'public',
  WX_TEMPLATE_REFUND_RESULT: 'public',
  WX_TEMPLATE_REFUND_REQUESTED: 'public',
  WX_TEMPLATE_SHIPPED: 'public',
  WXPAY_API: 'public',
  WXPAY_MCHID: 'public',
  WXPAY_BASE_URL: 'public',
  WXPAY_BACKUP_URL: 'public',
  WXPAY_V2_KEY: 'secret',
  WXPAY_V2_SIGN_TYPE: 'public',
  WXPAY_V3_KEY: 'secret',
  WXPAY_CERT: 'secret',
  WXPAY_CERT_FILE: 'public',
  WXPAY_KEY: 'secret',
  WXPAY_KEY_FILE: 'public',
  WXPAY_PUBLIC_KEY: 'secret',
  WXPAY_PUBLIC_KEY_FILE: 'public',
  WXPAY_PUBLIC_KEY_ID: 'public',
  MERCHANT_OWNER_OPENIDS: 'public',
  RETURN_ADDRESS: 'public',
  RETURN_DAYS: 'public',
  ORDER_TTL_MINUTES: 'public',
  REFUND_AUTO_APPROVE_HOURS: 'public',
  REFUND_SECOND_APPROVAL_FEN: 'public',
  LOG_LEVEL: 'public',
  PORT: 'unused',
  HOST: 'unused',
  JOBS: 'unused',
  STORE: 'unused',
  NODE_EXTRA_CA_CERTS: 'unused',
  CATALOGUE_FILE: 'unused',
  CLOUDBASE_ENV_ID: 'unused',
  TENCENTCLOUD_SECRETID: 'unused',
  TENCENTCLOUD_SECRETKEY: 'unused',
}

/**
 * @typedef {object} FunctionEnvironment
 * @property {Record<string, string>} variables what is set on every function
 * @property {{ name: string, text: string }[]} files what lies beside every function's code; names are relative to it
 */

/**
 * Reads a file of `NAME=value` lines, as Node.js itself does.
 *
 * @param {string} file
 * @returns {Record<string, string>}
 * @throws Error that says how to make the file
 */
export function readEnvironmentFile(file) {
  let text
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch {
    throw new Error(
      `There is no ${file}.\nCopy docs/deploy/env.example to it and fill it in; docs/deploy/README.md goes through every value.`,
    )
  }
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/**
 * The variables and files that each function gets.
 *
 * @param {Record<string, string>} env as read from the file; relative file names count from `folder`
 * @param {{ store: 'cloudbase' | 'postgres', folder: string }} options
 * @returns {FunctionEnvironment}
 * @throws Error when a name is unknown, a named file cannot be read, or the rest is larger than the platform takes
 */
export function functionEnvironment(env, { store, folder }) {
  const unknown = Object.keys(env).filter((name) => !Object.hasOwn(VARIABLES, name))
  if (unknown.length > 0)
    throw new Error(
      `Nothing of ours reads ${unknown.join(', ')}: correct the name, or take it out of this file (docs/configuration.md has them all).`,
    )
  /** @type {FunctionEnvironment} */
  const result = { variables: { STORE: store, JOBS: 'off' }, files: [] }
  const pemOf = new Map(
    Object.keys(FILE_VARIABLES).flatMap((name) => [
      [name, name],
      [`${name}_FILE`, name],
    ]),
  )
  for (const [variable, value] of Object.entries(env)) {
    if (value.trim() === '' || VARIABLES[variable] === 'unused') continue
    const pem = pemOf.get(variable)
    if (pem === undefined) {
      result.variables[variable] = value
      continue
    }
    const name = `keys/${FILE_VARIABLES[/** @type {keyof typeof FILE_VARIABLES} */ (pem)]}`
    const text = variable.endsWith('_FILE')
      ? readKeyFile(variable, path.resolve(folder, value))
      : value.replaceAll('\\n', '\n')
    // A file named beside a text of the same thing wins, as it does for the server.
    if (result.files.some((file) => file.name === name) && !variable.endsWith('_FILE')) continue
    result.files = [...result.files.filter((file) => file.name !== name), { name, text }]
    result.variables[`${pem}_FILE`] = name
  }
  const bytes = Buffer.byteLength(JSON.stringify(result.variables))
  if (bytes > MOST_BYTES)
    throw new Error(
      `The variables hold ${bytes} bytes; a function takes ${MOST_BYTES}. Shorten the longest, or leave out what may stay at its default.`,
    )
  return result
}

/**
 * The catalogue is no part of a function: it is put in place once, through the owner's page.
 *
 * @param {Record<string, string>} env
 * @returns {string[]} names of what the file holds and no function gets
 */
export const leftOut = (env) =>
  Object.keys(env).filter((name) => VARIABLES[name] === 'unused' && env[name] !== '')

/**
 * What may be printed of a variable.
 *
 * @param {string} name
 * @param {string} value
 */
export const shown = (name, value) =>
  VARIABLES[name] === 'public' || name === 'STORE' || name === 'JOBS'
    ? value
    : `(hidden, ${value.length} characters)`

/**
 * @param {string} variable
 * @param {string} file
 */
function readKeyFile(variable, file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable'
    throw new Error(`${variable} names ${file}, which cannot be read (${code}).`)
  }
}
