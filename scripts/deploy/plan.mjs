/** @module What a deployment sends: every function with its files, its variables and its routes, before anything is sent. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from '../lib/root.mjs'

/**
 * Which function answers which paths of the HTTP access service (HTTP 访问服务). The longest prefix wins; functions take
 * a path with and without its prefix, as the platform passes either.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const ROUTES = { '/': 'api', '/wxpay': 'wxpay-notify', '/internal': 'jobs' }

/**
 * @typedef {object} FunctionSettings as cloudbaserc.json holds them
 * @property {string} name
 * @property {string} handler
 * @property {string} runtime
 * @property {number} timeout seconds
 * @property {number} memorySize MB
 * @property {{ name: string, type: string, config: string }[]} [triggers]
 */

/**
 * @typedef {object} PlannedFile
 * @property {string} name relative to the function
 * @property {Buffer} bytes
 * @property {string} sha256
 * @property {boolean} secret
 */

/**
 * @typedef {object} Plan
 * @property {string} envId
 * @property {(FunctionSettings & { files: PlannedFile[], paths: string[] })[]} functions
 * @property {Record<string, string>} variables
 */

/**
 * @param {object} input
 * @param {string} input.envId
 * @param {string} input.settingsFile cloudbaserc.json
 * @param {string} input.builtFolder where `npm run build` put the functions
 * @param {import('./environment.mjs').FunctionEnvironment} input.environment
 * @returns {Plan}
 * @throws Error naming a function that was not built
 */
export function planDeployment({ envId, settingsFile, builtFolder, environment }) {
  /** @type {{ functions: FunctionSettings[] }} */
  const settings = JSON.parse(fs.readFileSync(settingsFile, 'utf8'))
  const functions = settings.functions.map((settings) => {
    const folder = path.join(builtFolder, settings.name)
    if (!fs.existsSync(path.join(folder, 'index.js')))
      throw new Error(`${folder} holds no index.js: run npm run build first.`)
    return {
      ...settings,
      files: [
        ...builtFiles(folder),
        ...environment.files.map(({ name, text }) => planned(name, Buffer.from(text), true)),
      ],
      paths: Object.keys(ROUTES).filter((route) => ROUTES[route] === settings.name),
    }
  })
  return { envId, functions, variables: environment.variables }
}

/**
 * Writes what the plan says into a folder of its own, with the settings file that `tcb` reads there. Keys are among it,
 * so nobody else may read it.
 *
 * @param {Plan} plan
 * @param {string} folder emptied first
 */
export function stage(plan, folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const { name, files } of plan.functions)
    for (const file of files) {
      const target = path.join(folder, 'functions', name, file.name)
      fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
      fs.writeFileSync(target, file.bytes, { mode: 0o600 })
    }
  const settings = {
    version: '2.0',
    envId: plan.envId,
    // tcb counts it from where it runs, not from this file.
    functionRoot: path.relative(ROOT, path.join(folder, 'functions')).split(path.sep).join('/'),
    functions: plan.functions.map(({ files, paths, ...settings }) => ({
      ...settings,
      installDependency: false,
      envVariables: plan.variables,
    })),
  }
  fs.writeFileSync(path.join(folder, 'cloudbaserc.json'), `${JSON.stringify(settings, null, 2)}\n`, {
    mode: 0o600,
  })
}

/**
 * @param {string} folder
 * @returns {PlannedFile[]}
 */
const builtFiles = (folder) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
    .map((name) => planned(name.split(path.sep).join('/'), fs.readFileSync(path.join(folder, name)), false))

/**
 * @param {string} name
 * @param {Buffer} bytes
 * @param {boolean} secret
 * @returns {PlannedFile}
 */
const planned = (name, bytes, secret) => ({
  name,
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  secret,
})
