/** @module What the doctor sees of the mini-program's own files. */
import fs from 'node:fs'
import { inRoot } from '../lib/root.mjs'
import { declaredAddresses } from '../upload/plan.mjs'

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {import('../../packages/backend/src/doctor/finding.ts').Finding[]}
 */
export function checkProject(env) {
  const project = JSON.parse(fs.readFileSync(inRoot('project.config.json'), 'utf8'))
  const addresses = declaredAddresses(fs.readFileSync(inRoot('miniprogram', 'services', 'config.ts'), 'utf8'))
  const wanted = env.NOTIFY_BASE_URL?.replace(/\/$/, '')
  const called = Object.entries(addresses)
  const missing = called.filter(([, url]) => url === '').map(([name]) => `${name}_API_BASE_URL`)
  const other = called.filter(([, url]) => url !== '' && url !== wanted).map(([, url]) => url)
  return [
    missing.length > 0
      ? {
          about: 'mini-program’s addresses',
          verdict: 'warning',
          found: `${missing.join(' and ')} in miniprogram/services/config.ts: empty`,
          advice: 'fill in the https origin of the backend before you upload, and list it under 服务器域名',
        }
      : other.length > 0
        ? {
            about: 'mini-program’s addresses',
            verdict: 'warning',
            found: `the mini-program calls ${other.join(', ')}, WeChat Pay calls ${wanted}`,
            advice: 'as a rule both are one origin; make sure that this is meant',
          }
        : { about: 'mini-program’s addresses', verdict: 'ok', found: called[0]?.[1] ?? '' },
    project.appid === env.WX_APPID || project.appid === 'touristappid'
      ? { about: 'mini-program’s AppID', verdict: 'ok', found: project.appid }
      : {
          about: 'mini-program’s AppID',
          verdict: 'failed',
          found: `project.config.json says ${project.appid}, WX_APPID another`,
          advice: 'sessions of one mini-program mean nothing to another: make them one',
        },
    fs.existsSync(inRoot('miniprogram', 'miniprogram_npm'))
      ? { about: 'mini-program’s packages', verdict: 'ok', found: 'built' }
      : {
          about: 'mini-program’s packages',
          verdict: 'warning',
          found: 'miniprogram/miniprogram_npm is not there',
          advice: 'npm run build, before DevTools opens the mini-program',
        },
  ]
}
