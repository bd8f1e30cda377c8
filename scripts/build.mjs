/** @module `npm run build`: makes what is uploaded to WeChat. Each target is one module under scripts/build. */
import './lib/require-node.mjs'
import path from 'node:path'
import { buildCloudFunctions } from './build/cloud-functions.mjs'
import { buildMiniprogramNpm } from './build/miniprogram-npm.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { inRoot, ROOT } from './lib/root.mjs'
import { complain, heading, kilobytes } from './lib/say.mjs'

const miniprogramNpm = inRoot('miniprogram', 'miniprogram_npm')

const cloudFunctions = inRoot('dist', 'cloudfunctions')
const cloudFunctionsOnPostgres = inRoot('dist', 'cloudfunctions-postgres')

const targets = [
  {
    folder: cloudFunctions,
    build: () => buildCloudFunctions({ outDir: cloudFunctions, store: 'cloudbase' }),
    next: 'Cloud functions on the cloud database: WeChat DevTools uploads them as they are.',
  },
  {
    folder: cloudFunctionsOnPostgres,
    build: () => buildCloudFunctions({ outDir: cloudFunctionsOnPostgres, store: 'postgres' }),
    next: 'The same on a PostgreSQL of your own (docs/decisions/0008).',
  },
  {
    folder: miniprogramNpm,
    build: () => buildMiniprogramNpm({ appRoot: inRoot('miniprogram'), outDir: miniprogramNpm }),
    next: 'WeChat DevTools (微信开发者工具) opens this checkout as it is.',
  },
]

await ensureInstalled('run')
try {
  for (const { folder, build, next } of targets) {
    heading(path.relative(ROOT, folder))
    const parts = await build()
    for (const { name, files, bytes } of parts) {
      console.log(
        `${name.padEnd(24)} ${kilobytes(bytes).padStart(9)}  ${files} file${files === 1 ? '' : 's'}`,
      )
    }
    console.log(next)
  }
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
