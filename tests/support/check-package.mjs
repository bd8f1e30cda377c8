// Asks publint and attw about a package's folder, in a process of its own: both are ES modules. Prints what they find as JSON.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'

const [folder = '', scratch = ''] = process.argv.slice(2)
// npm's own idea of what is in the package. Nothing is fetched for it.
const [{ filename, files }] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  }),
)
const { messages } = await publint({ pkgDir: folder, pack: false, strict: true })
const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(join(scratch, filename))))
process.stdout.write(JSON.stringify({ messages, problems, files: files.map(({ path }) => path) }))
