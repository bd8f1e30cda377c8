/** @module Bundles the program's scripts, its compiled templates and the runtime into one file for the browser. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildFailure, build, type Message, type OnResolveArgs, type Plugin } from 'esbuild'
import type { ProgramManifest } from '../runtime/manifest.ts'
import { splitBareSpecifier } from './npm-packages.ts'
import type { ProblemList } from './problems.ts'
import type { Program } from './program.ts'

// The runtime ships as source and is bundled with each program; both src/compile and dist/compile are two levels deep.
const RUNTIME = fileURLToPath(new URL('../../src/runtime/', import.meta.url))

/** The folder of the runtime's sources, with its style sheets and the phone's page. */
export const runtimeFolder: string = RUNTIME

export async function bundleScripts(
  program: Program,
  input: { manifest: ProgramManifest; templates: string; outFile: string; minify: boolean },
  problems: ProblemList,
): Promise<void> {
  const entries: [string, string][] = [...program.units.values()].map((unit) => [unit.id, unit.script])
  if (program.appScript !== undefined) entries.unshift(['app', program.appScript])
  const contents = [
    `import { boot } from ${JSON.stringify(path.join(RUNTIME, 'main.ts'))}`,
    `const manifest = ${JSON.stringify(input.manifest)}`,
    // A function: WXS modules run when their templates are made, and need globals that boot() installs.
    `const templates = () => (${input.templates})`,
    `const scripts = [${entries.map(([id, file]) => `[${JSON.stringify(id)}, () => require(${JSON.stringify(file)})]`).join(',\n')}]`,
    'boot({ manifest, templates, scripts })',
  ].join('\n')
  try {
    const result = await build({
      stdin: { contents, resolveDir: RUNTIME, sourcefile: 'program-entry.js' },
      absWorkingDir: program.appRoot,
      bundle: true,
      format: 'iife',
      platform: 'browser',
      target: 'chrome100',
      conditions: ['source'],
      define: { 'process.env.NODE_ENV': '"development"' },
      sourcemap: 'linked',
      minify: input.minify,
      outfile: input.outFile,
      logLevel: 'silent',
      plugins: [miniprogramModules(program, new Map(entries.map(([id, file]) => [file, id])))],
    })
    for (const warning of result.warnings) report(program, warning, 'warning', problems)
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    for (const message of error.errors) report(program, message, 'error', problems)
  }
}

/** Resolves imports of mini-program packages, and tells the runtime whose script is running. */
function miniprogramModules(program: Program, idOfScript: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'miniprogram',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, (args) => {
        if (args.kind === 'entry-point' || path.isAbsolute(args.path)) return undefined
        const file = resolveBareImport(program, args)
        return file === undefined ? undefined : { path: file }
      })
      builder.onLoad({ filter: /\.[tj]s$/ }, (args) => {
        const id = idOfScript.get(args.path)
        if (id === undefined) return undefined
        // Imports are hoisted, so this line runs after every dependency and just before the module's own body:
        // whatever Page() or Component() is called next belongs to this file.
        const source = fs.readFileSync(args.path, 'utf8')
        return {
          contents: `globalThis.__miniprogramScript=${JSON.stringify(id)};${source}`,
          loader: args.path.endsWith('.ts') ? 'ts' : 'js',
        }
      })
    },
  }
}

function resolveBareImport(program: Program, args: OnResolveArgs): string | undefined {
  // A package may bring packages of its own in a miniprogram_npm folder.
  for (let folder = args.resolveDir; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
    const nested = firstFile(path.join(folder, 'miniprogram_npm', args.path))
    if (nested !== undefined && folder !== program.appRoot) return nested
  }
  const bare = splitBareSpecifier(args.path)
  const folder = bare === undefined ? undefined : program.files.packages.folderOf(bare.name)
  return bare === undefined || folder === undefined ? undefined : firstFile(path.join(folder, bare.rest))
}

function firstFile(base: string): string | undefined {
  return [base, `${base}.js`, `${base}.ts`, path.join(base, 'index.js')].find(
    (file) => fs.existsSync(file) && fs.statSync(file).isFile(),
  )
}

function report(
  program: Program,
  message: Message,
  severity: 'error' | 'warning',
  problems: ProblemList,
): void {
  const location = message.location
  const absolute = location === null ? program.appRoot : path.resolve(program.appRoot, location.file)
  const file = location === null ? 'app.json' : program.files.nameOf(absolute)
  const place = { file, line: location?.line ?? 1, column: (location?.column ?? 0) + 1 }
  // Where the line that names the running script was put before the first line, take its length off again.
  const lineText = location?.lineText ?? ''
  const prefix = /^globalThis\.__miniprogramScript="[^"]*";/.exec(lineText)?.[0].length ?? 0
  if (place.line === 1 && place.column > prefix) place.column -= prefix
  const unresolved = /^Could not resolve "([^"]+)"/.exec(message.text)
  const text =
    unresolved === null
      ? message.text
      : `cannot find "${unresolved[1]}": check the path, or install the package next to the program`
  if (severity === 'error') problems.error(place, text)
  else if (!program.files.isForeign(file) && !file.includes('node_modules/')) problems.warning(place, text)
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}
