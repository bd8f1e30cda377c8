/** @module `npm run upload`: sends the mini-program to WeChat as a development version, or prints exactly what it would send. */
import './lib/require-node.mjs'
import fs from 'node:fs'
import path from 'node:path'
import { readArguments } from './lib/arguments.mjs'
import { asShown, MINIPROGRAM_CI, runTool } from './lib/on-demand.mjs'
import { inRoot } from './lib/root.mjs'
import { complain, heading, kilobytes } from './lib/say.mjs'
import { declaredAddresses, MOST_PACKAGE_BYTES, packedFiles, uploadProblems } from './upload/plan.mjs'

const USAGE = `npm run upload -- --appid <wx…> --key <file> --version <1.0.0> [options]
  --appid <wx…>       the mini-program (default: project.config.json)
  --key <file>        its upload key (代码上传密钥)
  --version <1.0.0>   shown to whoever reviews it
  --desc <text>       shown beside the version
  --robot <1..30>     which CI robot (机器人) uploads (default 1)
  --dry-run           print what would be sent, and send nothing`

try {
  const project = JSON.parse(fs.readFileSync(inRoot('project.config.json'), 'utf8'))
  const {
    appid = project.appid,
    key,
    version = '',
    desc = '',
    robot = '1',
    'dry-run': dryRun = false,
  } = readArguments(
    {
      appid: { type: 'string' },
      key: { type: 'string' },
      version: { type: 'string' },
      desc: { type: 'string' },
      robot: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
    USAGE,
  )
  if (!/^(?:[1-9]|[12]\d|30)$/.test(robot)) throw new Error('--robot must be a number from 1 to 30.')
  const keyFile = key === undefined ? undefined : path.resolve(key)
  const addresses = declaredAddresses(fs.readFileSync(inRoot('miniprogram', 'services', 'config.ts'), 'utf8'))
  const problems = uploadProblems({
    appid,
    version,
    addresses,
    npmBuilt: fs.existsSync(inRoot('miniprogram', 'miniprogram_npm')),
    keyFile,
    keyFileThere: keyFile !== undefined && fs.existsSync(keyFile),
  })
  const files = packedFiles(inRoot(), project)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  heading(`mini-program ${appid} ${version}`)
  for (const { name, bytes } of files) console.log(`  ${name.padEnd(56)} ${kilobytes(bytes).padStart(9)}`)
  console.log(
    `${files.length} files, ${kilobytes(total)} before they are compiled; a main package may hold ${kilobytes(MOST_PACKAGE_BYTES)}`,
  )
  console.log(
    `trial calls ${addresses.TRIAL || '(nothing yet)'}, release calls ${addresses.RELEASE || '(nothing yet)'}`,
  )
  const tool = {
    package: MINIPROGRAM_CI,
    command: 'miniprogram-ci',
    args: [
      ...['upload', '--pp', '.', '--pkp', keyFile ?? '<key>', '--appid', appid],
      ...['--uv', version, '-r', robot, '--use-project-config', 'true'],
      ...(desc === '' ? [] : ['--ud', desc]),
    ],
  }
  heading(dryRun ? 'would run' : 'running')
  console.log(asShown(tool))
  if (problems.length > 0)
    throw new Error(
      `${dryRun ? 'This upload would be refused' : 'Not uploaded'}:\n- ${problems.join('\n- ')}`,
    )
  if (dryRun) console.log('\nNothing was sent.')
  else if (!(await runTool(tool)))
    throw new Error('WeChat did not take the upload; its reason is above. Nothing was published.')
  else
    console.log(
      '\nUploaded. Choose it as trial version (体验版) or submit it for review at mp.weixin.qq.com, 版本管理.',
    )
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
