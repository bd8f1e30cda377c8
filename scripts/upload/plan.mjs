/** @module What an upload of the mini-program sends, and what would make it useless. */
import fs from 'node:fs'
import path from 'node:path'

/** The main package of a mini-program may be this large (主包大小上限). */
export const MOST_PACKAGE_BYTES = 2 * 1024 * 1024

/**
 * @typedef {object} ProjectConfig project.config.json
 * @property {string} appid
 * @property {string} miniprogramRoot
 * @property {{ ignore: { type: string, value: string }[] }} packOptions
 */

/**
 * The files below the mini-program's folder that are packed, as `packOptions.ignore` says, before they are compiled.
 *
 * @param {string} root folder of project.config.json
 * @param {ProjectConfig} config
 * @returns {{ name: string, bytes: number }[]} names relative to the mini-program's folder
 */
export function packedFiles(root, config) {
  const folder = path.join(root, config.miniprogramRoot)
  const ignored = (/** @type {string} */ name) =>
    config.packOptions.ignore.some(({ type, value }) =>
      type === 'folder'
        ? name === value || name.startsWith(`${value}/`)
        : type === 'suffix'
          ? name.endsWith(value)
          : name === value,
    )
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => !name.split('/').includes('node_modules') && !ignored(name))
    .sort()
    .map((name) => ({ name, bytes: fs.statSync(path.join(folder, name)).size }))
}

/**
 * The addresses that trial and release versions call, read from the source.
 *
 * @param {string} source of services/config.ts
 * @returns {Record<string, string>}
 */
export const declaredAddresses = (source) =>
  Object.fromEntries(
    [...source.matchAll(/^const (TRIAL|RELEASE)_API_BASE_URL = '([^']*)'/gm)].map(
      ([, name = '', url = '']) => [name, url],
    ),
  )

/**
 * What is wrong with an upload, each with what to do.
 *
 * @param {object} input
 * @param {string} input.appid
 * @param {string} input.version
 * @param {Record<string, string>} input.addresses
 * @param {boolean} input.npmBuilt
 * @param {string | undefined} input.keyFile
 * @param {boolean} input.keyFileThere
 * @returns {string[]}
 */
export function uploadProblems({ appid, version, addresses, npmBuilt, keyFile, keyFileThere }) {
  /** @type {string[]} */
  const problems = []
  if (!/^wx[0-9a-f]{16}$/.test(appid))
    problems.push(
      `The AppID is ${appid === '' ? 'missing' : `"${appid}"`}: give the mini-program's own with --appid wx… (mp.weixin.qq.com, 开发管理 > 开发设置).`,
    )
  if (!/^\d+\.\d+\.\d+$/.test(version))
    problems.push('--version must look like 1.0.0; WeChat shows it to whoever reviews the upload.')
  for (const name of ['TRIAL', 'RELEASE'])
    if (!/^https:\/\/[^/]+$/.test(addresses[name] ?? ''))
      problems.push(
        `${name}_API_BASE_URL in miniprogram/services/config.ts must be the https origin of your backend, and listed under 服务器域名 at mp.weixin.qq.com.`,
      )
  if (!npmBuilt) problems.push('miniprogram/miniprogram_npm is missing: run npm run build first.')
  if (keyFile === undefined)
    problems.push(
      '--key is missing: the upload key (代码上传密钥) from mp.weixin.qq.com, 开发管理 > 开发设置 > 小程序代码上传. The machine that uploads must be on its IP list (IP白名单).',
    )
  else if (!keyFileThere) problems.push(`--key names ${keyFile}, which is not there.`)
  return problems
}
