/** @module A real browser for tests on any machine: the one that is named, the system's, or the one inside an npm package. */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const TESTS = fileURLToPath(new URL('..', import.meta.url))
const CACHE = path.join(TESTS, '..', 'node_modules', '.cache')
const requireFromTests = createRequire(path.join(TESTS, 'package.json'))

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
]

/** A browser that may be tried. `required`: somebody asked for this one, so no other takes its place. */
interface Candidate {
  readonly label: string
  readonly required: boolean
  launch(): Promise<Browser>
}

/**
 * Launches Chromium, Chrome or Edge, headless: CHROME_PATH, else the system's, else on Linux the one inside
 * `@sparticuz/chromium`. FORCE_BUNDLED_BROWSER=1 takes the last one at once.
 *
 * @returns null when there is none and ALLOW_NO_BROWSER=1 says that tests may then be skipped
 * @throws Error that names CHROME_PATH when there is none, or when the one asked for does not start
 */
export async function launchBrowser(): Promise<Browser | null> {
  const failures: string[] = []
  for (const candidate of candidates()) {
    try {
      return await candidate.launch()
    } catch (error) {
      const [reason] = String(error).split('\n')
      failures.push(`${candidate.label}: ${reason}`)
      if (candidate.required) throw noBrowser(failures)
    }
  }
  if (process.env.ALLOW_NO_BROWSER === '1') return null
  throw noBrowser(failures)
}

const noBrowser = (failures: readonly string[]): Error =>
  new Error(
    [
      'No browser to test with. Set CHROME_PATH to the program file of Chromium, Chrome or Edge,',
      'or ALLOW_NO_BROWSER=1 to skip what needs one.',
      ...failures,
    ].join('\n'),
  )

function candidates(): Candidate[] {
  const { CHROME_PATH, FORCE_BUNDLED_BROWSER } = process.env
  if (FORCE_BUNDLED_BROWSER === '1') return [bundled(true)]
  if (CHROME_PATH !== undefined && CHROME_PATH !== '') return [installed(CHROME_PATH, true)]
  const found = systemBrowsers().filter((file) => fs.existsSync(file))
  return [...found.map((file) => installed(file, false)), bundled(false)]
}

function installed(executablePath: string, required: boolean): Candidate {
  return {
    label: executablePath,
    required,
    launch: () => chromium.launch({ executablePath, args: FLAGS, env: { ...ownEnvironment(), ...fonts() } }),
  }
}

function bundled(required: boolean): Candidate {
  return {
    label: '@sparticuz/chromium',
    required,
    async launch() {
      if (process.platform !== 'linux' || process.arch !== 'x64') {
        throw new Error(`there is none inside for ${process.platform} ${process.arch}`)
      }
      const folder = await unpackBundled()
      const libraries = path.join(folder, 'al2023', 'lib')
      const inherited = process.env.LD_LIBRARY_PATH
      return chromium.launch({
        executablePath: path.join(folder, 'chromium'),
        // Not the package's own flags: its --single-process crashes at the second browser context.
        args: [...FLAGS, '--no-sandbox', '--no-zygote'],
        env: {
          ...ownEnvironment(),
          ...fonts(),
          LD_LIBRARY_PATH: inherited === undefined ? libraries : `${libraries}:${inherited}`,
        },
      })
    },
  }
}

/**
 * Unpacks the browser once per version and returns its folder. A process of its own does it, because the package takes
 * its folder from TMPDIR, and unpacks the shared libraries that a bare Linux lacks (nss, nspr, expat) only when the
 * environment looks like AWS; neither belongs into the environment of a test.
 */
async function unpackBundled(): Promise<string> {
  const folder = path.join(CACHE, `chromium-${bundledVersion()}`)
  if (fs.existsSync(folder)) return folder
  fs.mkdirSync(CACHE, { recursive: true })
  const temporary = fs.mkdtempSync(`${folder}-`)
  const unpack =
    "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath()"
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: TESTS,
    env: { ...ownEnvironment(), TMPDIR: temporary, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
  })
  try {
    fs.renameSync(temporary, folder)
  } catch {
    // Another worker of the same run was first; its copy is as good.
    fs.rmSync(temporary, { recursive: true, force: true })
  }
  return folder
}

/** The package exports no manifest, so it is read from beside the module. */
function bundledVersion(): string {
  let folder = path.dirname(requireFromTests.resolve('@sparticuz/chromium'))
  while (path.basename(folder) !== 'chromium') folder = path.dirname(folder)
  const manifest: { version: string } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return manifest.version
}

/**
 * On Linux, a font configuration that adds a Chinese font to the system's own. Without one, Chinese text is invisible
 * in screenshots, and a renderer that finds no font at all crashes.
 */
function fonts(): Record<string, string> {
  if (process.platform !== 'linux') return {}
  const chinese = path.dirname(requireFromTests.resolve('@expo-google-fonts/noto-sans-sc/400Regular'))
  const folder = path.join(CACHE, 'test-fonts')
  fs.mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'fonts.conf')
  fs.writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>${chinese}</dir>
  <cachedir>${path.join(folder, 'cache')}</cachedir>
</fontconfig>
`,
  )
  return { FONTCONFIG_FILE: file }
}

function systemBrowsers(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    )
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, 'ProgramFiles(x86)': programFilesX86, LOCALAPPDATA } = process.env
    const roots = [ProgramFiles, programFilesX86, LOCALAPPDATA].filter((root) => root !== undefined)
    const programs = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
    ]
    return roots.flatMap((root) => programs.map((parts) => path.join(root, ...parts)))
  }
  const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chromium-browser']
  return names.map((name) => `/usr/bin/${name}`)
}

/** The environment with the unset variables left out, which is what starting a program takes. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
