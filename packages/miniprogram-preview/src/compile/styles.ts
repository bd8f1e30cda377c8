/** @module Compiles WXSS: imports inlined, lengths translated, component styles kept inside their component. */
import fs from 'node:fs'
import path from 'node:path'
import postcss from 'postcss'
import selectorParser from 'postcss-selector-parser'
import { browserLengths } from '../runtime/css-lengths.ts'
import type { IconSet } from './icons.ts'
import { splitBareSpecifier } from './npm-packages.ts'
import type { ProblemList } from './problems.ts'
import type { Program } from './program.ts'

export interface CompiledStyles {
  /** app.wxss and every component, loaded once. */
  readonly shared: string
  /** Each page's own sheet; only the visible page's is in force, since real pages are separate web views. */
  readonly pages: Readonly<Record<string, string>>
  /** The class prefix of each unit. */
  readonly scopes: ReadonlyMap<string, string>
}

export function compileStyles(program: Program, icons: IconSet, problems: ProblemList): CompiledStyles {
  const scopes = new Map([...program.units.keys()].map((id, index) => [id, `s${index.toString(36)}`]))
  const compiler = new StyleCompiler(program, icons, problems)
  const shared: string[] = []
  const appFile = path.join(program.appRoot, 'app.wxss')
  if (fs.existsSync(appFile)) shared.push(compiler.compile(appFile, undefined))
  const pages: Record<string, string> = {}
  for (const unit of program.units.values()) {
    const file = `${unit.base}.wxss`
    if (!fs.existsSync(file)) continue
    if (unit.kind === 'page') {
      pages[unit.id] = compiler.compile(file, undefined)
      continue
    }
    const isolation = unit.config.styleIsolation
    const isShared = isolation === 'shared' || isolation === 'page-shared'
    shared.push(compiler.compile(file, isShared ? undefined : scopes.get(unit.id)))
  }
  return { shared: shared.join('\n'), pages, scopes }
}

class StyleCompiler {
  private readonly program: Program
  private readonly icons: IconSet
  private readonly problems: ProblemList

  constructor(program: Program, icons: IconSet, problems: ProblemList) {
    this.program = program
    this.icons = icons
    this.problems = problems
  }

  compile(file: string, scope: string | undefined): string {
    const root = this.load(file, new Set())
    root.walkRules((rule) => {
      const parent = rule.parent
      if (
        parent !== undefined &&
        parent.type === 'atrule' &&
        'name' in parent &&
        /keyframes$/.test(String(parent.name))
      )
        return
      rule.selector = scopeSelector(rule.selector, scope)
    })
    this.icons.replaceFont(root)
    root.walkDecls((declaration) => {
      declaration.value = browserLengths(declaration.value)
      if (/url\(\s*['"]?(?!data:|https?:|\/\/|icons\/|#)/.test(declaration.value)) {
        this.problems.warning(
          { file: this.program.files.nameOf(file), line: declaration.source?.start?.line ?? 1 },
          'WeChat does not load local files from WXSS: use <image>, a data: URL or a network address',
        )
      }
    })
    return root.toString()
  }

  private load(file: string, seen: Set<string>): postcss.Root {
    if (seen.has(file)) return postcss.root()
    seen.add(file)
    const name = this.program.files.nameOf(file)
    const root = this.parse(file, name)
    root.walkAtRules('import', (rule) => {
      const specifier = rule.params.replace(/^url\(|\)$/g, '').replace(/^['"]|['"]$/g, '')
      const target = this.resolveImport(specifier, file)
      if (target === undefined) {
        const start = rule.source?.start
        this.problems.error(
          { file: name, line: start?.line ?? 1, column: start?.column ?? 1 },
          `style sheet "${specifier}" was not found: check the path of @import`,
        )
        rule.remove()
        return
      }
      rule.replaceWith(this.load(target, seen).nodes)
    })
    return root
  }

  private parse(file: string, name: string): postcss.Root {
    try {
      return postcss.parse(fs.readFileSync(file, 'utf8'), { from: file })
    } catch (error) {
      if (!(error instanceof postcss.CssSyntaxError)) throw error
      this.problems.error(
        { file: name, line: error.line ?? 1, column: error.column ?? 1 },
        `style: ${error.reason}`,
      )
      return postcss.root()
    }
  }

  private resolveImport(specifier: string, from: string): string | undefined {
    const candidates = specifier.startsWith('/')
      ? [this.program.files.pathOf(specifier.slice(1)), path.join(this.program.appRoot, specifier)]
      : [path.resolve(path.dirname(from), specifier)]
    const bare = splitBareSpecifier(specifier)
    const folder = bare === undefined ? undefined : this.program.files.packages.folderOf(bare.name)
    if (bare !== undefined && folder !== undefined) candidates.push(path.join(folder, bare.rest))
    return candidates.find((candidate) => fs.existsSync(candidate))
  }
}

/**
 * Keeps a component's classes to itself by the prefix that the runtime also puts on its elements, points `:host` at
 * the component's own element, and `#id` at ids, which the runtime prefixes per instance.
 */
function scopeSelector(selector: string, scope: string | undefined): string {
  const transform = selectorParser((root) => {
    if (scope !== undefined) {
      root.walkClasses((node) => {
        node.value = `${scope}--${node.value}`
      })
    }
    root.walkIds((node) => {
      node.replaceWith(attribute('id', '$=', `--${node.value}`))
    })
    root.walkPseudos((node) => {
      if (node.value === ':host') node.replaceWith(attribute('wx-host', '=', scope ?? ''))
    })
  })
  return transform.processSync(selector)
}

function attribute(name: string, operator: '=' | '$=', value: string): selectorParser.Attribute {
  return selectorParser.attribute({ attribute: name, operator, value, quoteMark: '"', raws: {} })
}
