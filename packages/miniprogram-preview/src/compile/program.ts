/** @module Reads app.json and walks every page and component it leads to. */
import fs from 'node:fs'
import path from 'node:path'
import { isJsonObject, type JsonFile, placeOfWord, readJsonFile, stringEntries } from './json-file.ts'
import { type NpmPackages, splitBareSpecifier } from './npm-packages.ts'
import type { ProblemList } from './problems.ts'

/** One page or component: four files that share a name. */
export interface Unit {
  /** `pages/shop/shop`, or `miniprogram_npm/tdesign-miniprogram/button/button`. */
  readonly id: string
  /** Absolute path without a suffix. */
  readonly base: string
  readonly kind: 'page' | 'component'
  readonly script: string
  /** The JSON file, with component paths already turned into ids. */
  readonly config: Record<string, unknown>
}

export interface Program {
  readonly appRoot: string
  readonly appConfig: Readonly<Record<string, unknown>>
  readonly appScript: string | undefined
  readonly pages: readonly string[]
  readonly units: ReadonlyMap<string, Unit>
  readonly files: ProgramFiles
}

/** Translates between a file's id inside the program and its place on disk. */
export class ProgramFiles {
  readonly appRoot: string
  readonly packages: NpmPackages

  constructor(appRoot: string, packages: NpmPackages) {
    this.appRoot = appRoot
    this.packages = packages
  }

  idOf(base: string): string {
    for (const [name, folder] of this.packages.entries()) {
      if (isInside(folder, base)) return `miniprogram_npm/${name}/${posix(path.relative(folder, base))}`
    }
    return posix(path.relative(this.appRoot, base))
  }

  pathOf(id: string): string {
    const match = /^miniprogram_npm\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(id)
    const folder = match?.[1] === undefined ? undefined : this.packages.folderOf(match[1])
    return folder === undefined ? path.join(this.appRoot, id) : path.join(folder, match?.[2] ?? '')
  }

  /** The name a problem is reported under. */
  nameOf(absolute: string): string {
    return this.idOf(absolute)
  }

  /** True for files of npm packages: their authors' warnings are not the reader's to mend. */
  isForeign(id: string): boolean {
    return id.startsWith('miniprogram_npm/')
  }
}

export function readProgram(appRoot: string, packages: NpmPackages, problems: ProblemList): Program {
  const files = new ProgramFiles(appRoot, packages)
  const app = readJsonFile(path.join(appRoot, 'app.json'), 'app.json', problems)
  if (app.state === 'missing') {
    problems.error(
      { file: 'app.json' },
      `not found in ${appRoot}: give the folder that holds app.json as appRoot`,
    )
  }
  const pages = listPages(app, problems)
  const units = new Map<string, Unit>()
  const walk = new UnitWalk(files, app, units, problems)
  for (const page of pages) walk.visitPage(page)
  checkTabBar(app, pages, problems)
  return {
    appRoot,
    appConfig: app.value,
    appScript: scriptOf(path.join(appRoot, 'app')),
    pages,
    units,
    files,
  }
}

function listPages(app: JsonFile, problems: ProblemList): string[] {
  const main = Array.isArray(app.value.pages) ? app.value.pages : []
  const packages = app.value.subPackages ?? app.value.subpackages
  const inPackages = (Array.isArray(packages) ? packages : []).flatMap((entry: unknown) => {
    if (!isJsonObject(entry) || !Array.isArray(entry.pages)) return []
    const root = String(entry.root ?? '').replace(/^\/|\/$/g, '')
    return entry.pages.map((page) => `${root}/${String(page)}`)
  })
  if (main.length === 0 && app.state === 'read') {
    problems.error(placeOfWord(app, 'pages'), 'app.json needs "pages" with at least one page')
  }
  return [...main.map(String), ...inPackages].map((page) => page.replace(/^\//, ''))
}

function checkTabBar(app: JsonFile, pages: readonly string[], problems: ProblemList): void {
  const list = isJsonObject(app.value.tabBar) ? app.value.tabBar.list : undefined
  for (const tab of Array.isArray(list) ? list : []) {
    const page = isJsonObject(tab) ? String(tab.pagePath) : ''
    if (pages.includes(page)) continue
    problems.error(
      placeOfWord(app, page),
      `tabBar page "${page}" is not in "pages": add it there or remove the tab`,
    )
  }
}

/** Follows `usingComponents` and `componentGenerics` from the pages outwards. */
class UnitWalk {
  private readonly files: ProgramFiles
  private readonly app: JsonFile
  private readonly units: Map<string, Unit>
  private readonly problems: ProblemList

  constructor(files: ProgramFiles, app: JsonFile, units: Map<string, Unit>, problems: ProblemList) {
    this.files = files
    this.app = app
    this.units = units
    this.problems = problems
  }

  visitPage(page: string): void {
    const base = path.join(this.files.appRoot, page)
    if (scriptOf(base) === undefined) {
      this.problems.error(
        placeOfWord(this.app, page),
        `page "${page}" has no ${page}.ts or .js: create it or remove it from "pages"`,
      )
      return
    }
    this.visit(base, 'page')
  }

  private visit(base: string, kind: Unit['kind']): string {
    const id = this.files.idOf(base)
    if (this.units.has(id)) return id
    const json = readJsonFile(`${base}.json`, `${id}.json`, this.problems)
    const config: Record<string, unknown> = { ...json.value }
    this.units.set(id, { id, base, kind, script: scriptOf(base) ?? `${base}.js`, config })
    if (!fs.existsSync(`${base}.wxml`)) {
      this.problems.error({ file: `${id}.wxml` }, 'the template is missing: create the file')
    }
    config.usingComponents = this.resolveUsed(json, base)
    if (isJsonObject(json.value.componentGenerics)) {
      config.componentGenerics = this.resolveGenerics(json.value.componentGenerics, json, base)
    }
    return id
  }

  private resolveUsed(json: JsonFile, base: string): Record<string, string> {
    const used: Record<string, string> = {}
    // Components named in app.json are known to every page and component of the program, not to npm packages.
    if (!this.files.isForeign(json.file)) {
      const appBase = path.join(this.files.appRoot, 'app')
      for (const [tag, specifier] of stringEntries(this.app.value.usingComponents)) {
        const target = this.resolveComponent(specifier, appBase, placeOfWord(this.app, tag))
        if (target !== undefined) used[tag] = target
      }
    }
    for (const [tag, specifier] of stringEntries(json.value.usingComponents)) {
      const target = this.resolveComponent(specifier, base, placeOfWord(json, tag))
      if (target !== undefined) used[tag] = target
    }
    return used
  }

  private resolveGenerics(
    generics: Readonly<Record<string, unknown>>,
    json: JsonFile,
    base: string,
  ): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(generics).map(([name, value]) => {
        const fallback = isJsonObject(value) ? value.default : undefined
        if (typeof fallback !== 'string') return [name, value]
        return [name, { default: this.resolveComponent(fallback, base, placeOfWord(json, name)) }]
      }),
    )
  }

  private resolveComponent(
    specifier: string,
    fromBase: string,
    place: { file: string; line: number; column: number },
  ): string | undefined {
    for (const candidate of this.candidates(specifier, fromBase)) {
      if (scriptOf(candidate) !== undefined) return `/${this.visit(candidate, 'component')}`
    }
    this.problems.error(place, `component "${specifier}" was not found: ${adviceFor(specifier)}`)
    return undefined
  }

  private candidates(specifier: string, fromBase: string): string[] {
    if (specifier.startsWith('/')) {
      const inProgram = path.join(this.files.appRoot, specifier)
      return [this.files.pathOf(specifier.slice(1)), inProgram, path.join(inProgram, 'index')]
    }
    const relative = path.resolve(path.dirname(fromBase), specifier)
    const bare = splitBareSpecifier(specifier)
    const folder = bare === undefined ? undefined : this.files.packages.folderOf(bare.name)
    const inPackage = folder === undefined ? [] : [path.join(folder, bare?.rest || 'index')]
    return [
      relative,
      path.join(relative, 'index'),
      ...inPackage,
      ...inPackage.map((base) => path.join(base, 'index')),
    ]
  }
}

function adviceFor(specifier: string): string {
  if (/^[./]/.test(specifier)) return 'check the path; it names a .ts or .js file without its suffix'
  return 'install the package next to the program, or run the build that fills miniprogram_npm'
}

export function scriptOf(base: string): string | undefined {
  return ['.ts', '.js'].map((suffix) => base + suffix).find((file) => fs.existsSync(file))
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder + path.sep)
}

export function posix(file: string): string {
  return file.split(path.sep).join('/')
}
