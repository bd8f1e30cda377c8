/** @module Compiles WXML and WXS with WeChat's own template compiler. */
import fs from 'node:fs'
import path from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import { BUILTIN_TAGS } from '../runtime/builtins/tags.ts'
import { isJsonObject } from './json-file.ts'
import { type ProblemList, placeAt } from './problems.ts'
import { type Program, posix } from './program.ts'
import { wxsRequires, wxsToJavaScript } from './wxs.ts'

/**
 * Compiles every template the program leads to.
 * @returns a JavaScript expression: an object from template id to its compiled form
 */
export function compileTemplates(program: Program, problems: ProblemList): string {
  const group = new TmplGroup()
  try {
    const compiler = new TemplateCompiler(program, group, problems)
    for (const id of program.units.keys()) compiler.addTemplate(id)
    return group.getTmplGenObjectGroups()
  } finally {
    group.free()
  }
}

class TemplateCompiler {
  private readonly program: Program
  private readonly group: TmplGroup
  private readonly problems: ProblemList
  private readonly seen = new Set<string>()

  constructor(program: Program, group: TmplGroup, problems: ProblemList) {
    this.program = program
    this.group = group
    this.problems = problems
  }

  addTemplate(id: string): void {
    if (this.seen.has(`${id}.wxml`)) return
    this.seen.add(`${id}.wxml`)
    const file = `${this.program.files.pathOf(id)}.wxml`
    if (!fs.existsSync(file)) return
    const source = fs.readFileSync(file, 'utf8')
    const unit = this.program.units.get(id)
    // WeChat accepts named slots without the option; glass-easel wants to be told.
    if (unit !== undefined && /<slot\s[^>]*name=/.test(source)) unit.config.multipleSlots = true
    this.report(id, this.group.addTmpl(id, source))
    if (unit !== undefined && !this.program.files.isForeign(id)) this.checkTags(id, source, unit.config)
    for (const name of strings(this.group.getInlineScriptModuleNames(id))) {
      this.group.setInlineScript(id, name, wxsToJavaScript(this.group.getInlineScript(id, name)))
    }
    for (const target of strings(this.group.getDirectDependencies(id))) this.addImported(id, target, source)
    for (const target of strings(this.group.getScriptDependencies(id))) this.addScript(target, `${id}.wxml`)
  }

  private addImported(fromId: string, target: string, source: string): void {
    if (fs.existsSync(`${this.program.files.pathOf(target)}.wxml`)) {
      this.addTemplate(target)
      return
    }
    const offset = source.indexOf(path.posix.basename(target))
    this.problems.error(
      { file: `${fromId}.wxml`, ...placeAt(source, offset) },
      `template "${target}.wxml" was not found: check the src of <import> or <include>`,
    )
  }

  private addScript(id: string, from: string): void {
    if (this.seen.has(`${id}.wxs`)) return
    this.seen.add(`${id}.wxs`)
    const file = `${this.program.files.pathOf(id)}.wxs`
    if (!fs.existsSync(file)) {
      this.problems.error(
        { file: from },
        `"${id}.wxs" was not found: check the src of <wxs> or the require in WXS`,
      )
      return
    }
    const source = fs.readFileSync(file, 'utf8')
    this.group.addScript(id, wxsToJavaScript(source))
    for (const required of wxsRequires(source)) {
      const target = required.startsWith('/')
        ? required.slice(1)
        : posix(path.posix.join(path.posix.dirname(id), required))
      this.addScript(target, `${id}.wxs`)
    }
  }

  private report(id: string, findings: unknown): void {
    const foreign = this.program.files.isForeign(id)
    for (const finding of Array.isArray(findings) ? findings : []) {
      const place = {
        file: `${id}.wxml`,
        line: Number(finding.startLine) + 1,
        column: Number(finding.startColumn) + 1,
      }
      if (foreign) continue
      // WeChat's own compiler refuses a tag that is left open, glass-easel closes it with a warning.
      const isError = finding.isError === true || /end tag/.test(String(finding.message))
      this.problems[isError ? 'error' : 'warning'](place, `template: ${finding.message}`)
    }
  }

  /** A tag that is neither built in nor declared renders as nothing in WeChat, without a word. */
  private checkTags(id: string, source: string, config: Readonly<Record<string, unknown>>): void {
    const using = isJsonObject(config.usingComponents) ? config.usingComponents : {}
    const generics = isJsonObject(config.componentGenerics) ? config.componentGenerics : {}
    const blank = (text: string) => text.replace(/[^\n]/g, ' ')
    const visible = source.replace(/<!--[\s\S]*?-->|<wxs\b[\s\S]*?<\/wxs>|\{\{[\s\S]*?\}\}/g, blank)
    const reported = new Set<string>()
    for (const match of visible.matchAll(/<([a-zA-Z][\w-]*)/g)) {
      const tag = match[1] ?? ''
      if (BUILTIN_TAGS.has(tag) || tag in using || tag in generics || reported.has(tag)) continue
      reported.add(tag)
      this.problems.error(
        { file: `${id}.wxml`, ...placeAt(source, match.index + 1) },
        `<${tag}> is neither built in nor declared: add it to "usingComponents" of ${id}.json or app.json`,
      )
    }
  }
}

function strings(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : []
}
