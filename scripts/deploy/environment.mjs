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

/** What the platform or this command decides; a value of one's own would be misleading. */
const NOT_SENT = new Set(['PORT', 'HOST', 'JOBS', 'STORE', 'NODE_EXTRA_CA_CERTS', 'CATALOGUE_FILE'])

const SECRETS = /SECRET|TOKEN|_KEY$|^WXPAY_V[23]_KEY$|^WXPAY_(?:CERT|KEY|PUBLIC_KEY)$|^DATABASE_URL$|PASSWORD/

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
 * @throws Error when a named file cannot be read or the rest is larger than the platform takes
 */
export function functionEnvironment(env, { store, folder }) {
  /** @type {FunctionEnvironment} */
  const result = { variables: { STORE: store, JOBS: 'off' }, files: [] }
  const pemOf = new Map(
    Object.keys(FILE_VARIABLES).flatMap((name) => [
      [name, name],
      [`${name}_FILE`, name],
    ]),
  )
  for (const [variable, value] of Object.entries(env)) {
    if (value.trim() === '' || NOT_SENT.has(variable)) continue
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
export const leftOut = (env) => Object.keys(env).filter((name) => NOT_SENT.has(name) && env[name] !== '')

/**
 * What may be printed of a variable.
 *
 * @param {string} name
 * @param {string} value
 */
export const shown = (name, value) => (SECRETS.test(name) ? `(hidden, ${value.length} characters)` : value)

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
