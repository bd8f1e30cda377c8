/** @module The compiler: an unmodified native mini-program in, one browser bundle out. */
import fs from 'node:fs'
import path from 'node:path'
import type { ProgramManifest } from '../runtime/manifest.ts'
import { copyAssets } from './assets.ts'
import { IconSet } from './icons.ts'
import { NpmPackages } from './npm-packages.ts'
import { type Problem, ProblemList } from './problems.ts'
import { type Program, readProgram } from './program.ts'
import { bundleScripts, runtimeFolder } from './scripts.ts'
import { type CompiledStyles, compileStyles } from './styles.ts'
import { compileTemplates } from './templates.ts'

export interface CompileOptions {
  /** The folder that holds app.json. */
  readonly appRoot: string
  /** Where the bundle goes; created when it is not there. */
  readonly outDir: string
  /** Smaller and unreadable; off by default. */
  readonly minify?: boolean
  /** Folders to use for npm packages instead of searching for them, by package name. */
  readonly resolve?: Readonly<Record<string, string>>
}

export interface CompileResult {
  readonly outDir: string
  /** Page routes in the order of app.json. */
  readonly pages: readonly string[]
  /** Ids of every page and component in the bundle. */
  readonly units: readonly string[]
  readonly warnings: readonly Problem[]
}

/**
 * Compiles a native mini-program (TypeScript or JavaScript, WXML, WXSS, WXS, JSON) for the browser. Writes `mp.js`,
 * `mp.css`, `phone.html`, the phone's style sheets, `assets/` and `icons/` into `outDir`.
 *
 * @throws PreviewCompileError with every problem found, when one of them is an error
 */
export async function compileMiniprogram(options: CompileOptions): Promise<CompileResult> {
  const appRoot = path.resolve(options.appRoot)
  const outDir = path.resolve(options.outDir)
  const problems = new ProblemList()
  const program = readProgram(appRoot, new NpmPackages(appRoot, options.resolve ?? {}), problems)
  const icons = new IconSet()
  const templates = compileTemplates(program, problems)
  const styles = compileStyles(program, icons, problems)
  fs.mkdirSync(outDir, { recursive: true })
  // The phone itself is there even when the program is broken: it shows what is wrong.
  for (const file of ['phone.html', 'phone.css', 'chrome.css', 'builtins.css']) {
    fs.copyFileSync(path.join(runtimeFolder, file), path.join(outDir, file))
  }
  await bundleScripts(
    program,
    {
      manifest: manifestOf(program, styles),
      templates,
      outFile: path.join(outDir, 'mp.js'),
      minify: options.minify ?? false,
    },
    problems,
  )
  problems.throwIfErrors()
  fs.writeFileSync(path.join(outDir, 'mp.css'), styles.shared)
  icons.copyTo(outDir)
  copyAssets(appRoot, outDir)
  return { outDir, pages: program.pages, units: [...program.units.keys()], warnings: problems.all }
}

function manifestOf(program: Program, styles: CompiledStyles): ProgramManifest {
  const units = [...program.units.values()].map((unit) => [
    unit.id,
    { page: unit.kind === 'page', scope: styles.scopes.get(unit.id) ?? '', config: unit.config },
  ])
  return {
    app: program.appConfig,
    pages: program.pages,
    units: Object.fromEntries(units),
    pageStyles: styles.pages,
  }
}
