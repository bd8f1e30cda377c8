/** @module Type-checks every {{expression}}, handler and component property of WXML against the TypeScript beside it. */
import fs from 'node:fs'
import path from 'node:path'
import { type TmplConvertedExpr, TmplGroup } from 'glass-easel-template-compiler'
import ts from 'typescript5'

export interface TemplateProblem {
  /** Relative to the program's root, with forward slashes. */
  readonly file: string
  /** Lines and columns count from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/**
 * Turns each template into TypeScript (glass-easel's own conversion), types its data and handlers by the `Page({…})` or
 * `Component({…})` in the script of the same name, and asks the compiler. Templates without a script (imported
 * ones) have no data of their own and are only parsed.
 */
export function checkTemplates(appRoot: string): TemplateProblem[] {
  return new TemplateCheck(path.resolve(appRoot)).run()
}

/** Attributes that every component takes besides its properties. */
const COMMON_ATTRIBUTES =
  'id slot style class hidden animation customStyle tId ariaRole ariaLabel ariaHidden ariaChecked ariaDisabled ariaExpanded ariaSelected'
    .split(' ')
    .map((name) => `${name}?: any`)
    .join('; ')

const AMBIENT = `
declare function __page<D extends WechatMiniprogram.Page.DataOption, C extends WechatMiniprogram.Page.CustomOption>(
  options: WechatMiniprogram.Page.Options<D, C>,
): { data: D; methods: C; properties: {} }
declare function __component<
  D extends WechatMiniprogram.Component.DataOption,
  P extends WechatMiniprogram.Component.PropertyOption,
  M extends WechatMiniprogram.Component.MethodOption,
  B extends WechatMiniprogram.Component.BehaviorOption = [],
  X extends WechatMiniprogram.IAnyObject = {},
>(
  options: WechatMiniprogram.Component.Options<D, P, M, B, X>,
): {
  data: D & WechatMiniprogram.Component.PropertyOptionToData<P>
  methods: M
  properties: WechatMiniprogram.Component.PropertyOptionToData<P>
}
// Properties are declared loosely (Array, Object); what a template hands over may be readonly.
type __Loose<T> = T extends any[] ? readonly unknown[] : T extends object ? any : T
type __Tag<P> = { [K in keyof P]: __Loose<P[K]> } & { ${COMMON_ATTRIBUTES} }
`

class TemplateCheck {
  private readonly appRoot: string
  private readonly group = new TmplGroup()
  private readonly problems: TemplateProblem[] = []
  /** Files that exist for the compiler only, by path. */
  private readonly virtual = new Map<string, string>()
  private readonly converted = new Map<string, { wxml: string; expressions: TmplConvertedExpr }>()

  constructor(appRoot: string) {
    this.appRoot = appRoot
  }

  run(): TemplateProblem[] {
    const templates = templatesIn(this.appRoot)
    this.virtual.set(path.join(this.appRoot, '__wxml-check.d.ts'), AMBIENT)
    for (const file of templates) this.addScript(file.replace(/\.wxml$/, '.ts'))
    for (const file of templates) this.addTemplate(file)
    this.reportTypes()
    this.group.free()
    return this.problems
  }

  /** Gives the script's definition a name that the template can import. */
  private addScript(file: string): void {
    if (!fs.existsSync(file)) return
    const source = fs.readFileSync(file, 'utf8')
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
    for (const statement of tree.statements) {
      if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) continue
      const { expression: callee } = statement.expression
      if (!ts.isIdentifier(callee) || !/^(Page|Component)$/.test(callee.text)) continue
      const renamed = `export const __definition = __${callee.text.toLowerCase()}`
      this.virtual.set(file, source.slice(0, callee.getStart(tree)) + renamed + source.slice(callee.end))
      return
    }
  }

  private addTemplate(file: string): void {
    const id = posix(path.relative(this.appRoot, file)).replace(/\.wxml$/, '')
    const source = fs.readFileSync(file, 'utf8')
    for (const finding of this.group.addTmpl(id, source)) {
      this.report(file, Number(finding.startLine), Number(finding.startColumn), String(finding.message))
    }
    for (const match of source.matchAll(/<[a-z][^<>]*?\s((?:capture-|mut-)?(?:bind|catch))([a-z]\w*)=/g)) {
      const before = source.slice(0, match.index + match[0].lastIndexOf(`${match[1]}${match[2]}`)).split('\n')
      this.report(
        file,
        before.length - 1,
        before.at(-1)?.length ?? 0,
        `write ${match[1]}:${match[2]}, so that the handler is checked`,
      )
    }
    const script = file.replace(/\.wxml$/, '.ts')
    if (!this.virtual.has(script)) return
    const { imports, tags } = this.componentTags(file)
    const expressions = this.group.getTmplConvertedExpr(
      id,
      `import { __definition } from './${path.basename(script, '.ts')}';${imports}const { data, methods } = __definition;declare const tags: { ${tags}[tag: string]: any };\n`,
    )
    // The conversion knows mutable arrays only, and would let anything pass in a readonly one.
    const code = (expressions.code() ?? '').replace('T extends (infer T)[]', 'T extends readonly (infer T)[]')
    this.virtual.set(`${file}.ts`, code)
    this.converted.set(`${file}.ts`, { wxml: file, expressions })
  }

  /** The program's own components that a template uses, typed by their properties. */
  private componentTags(file: string): { imports: string; tags: string } {
    const own = readUsing(file.replace(/\.wxml$/, '.json'))
    const inherited = readUsing(path.join(this.appRoot, 'app.json'))
    let imports = ''
    let tags = ''
    for (const [tag, specifier] of Object.entries({ ...inherited, ...own })) {
      const base = specifier.startsWith('/')
        ? path.join(this.appRoot, specifier)
        : path.resolve(tag in own ? path.dirname(file) : this.appRoot, specifier)
      if (!this.virtual.get(`${base}.ts`)?.includes('__definition = __component')) continue
      const name = `__${tag.replaceAll('-', '_')}`
      const from = posix(path.relative(path.dirname(file), base))
      imports += `import { __definition as ${name} } from '${from.startsWith('.') ? from : `./${from}`}';`
      tags += `'${tag}': __Tag<typeof ${name}.properties>; `
    }
    return { imports, tags }
  }

  private reportTypes(): void {
    const options = this.compilerOptions()
    const host = ts.createCompilerHost(options)
    const { readFile, fileExists, getSourceFile } = host
    host.fileExists = (file) => this.virtual.has(path.normalize(file)) || fileExists.call(host, file)
    host.readFile = (file) => this.virtual.get(path.normalize(file)) ?? readFile.call(host, file)
    host.getSourceFile = (file, version, ...rest) => {
      const text = this.virtual.get(path.normalize(file))
      return text === undefined
        ? getSourceFile.call(host, file, version, ...rest)
        : ts.createSourceFile(file, text, version, true)
    }
    const program = ts.createProgram([...this.virtual.keys()], options, host)
    for (const [file, { wxml, expressions }] of this.converted) {
      const source = program.getSourceFile(file)
      if (source === undefined) continue
      for (const diagnostic of program.getSemanticDiagnostics(source)) {
        const start = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
        const end = source.getLineAndCharacterOfPosition((diagnostic.start ?? 0) + (diagnostic.length ?? 0))
        const place = expressions.getSourceLocation(start.line, start.character, end.line, end.character)
        this.report(
          wxml,
          place?.[0] ?? 0,
          place?.[1] ?? 0,
          ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
        )
      }
    }
  }

  private compilerOptions(): ts.CompilerOptions {
    const file = path.join(this.appRoot, 'tsconfig.json')
    const own = fs.existsSync(file)
      ? ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, ts.sys, this.appRoot)
          .options
      : {}
    return {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2022.d.ts'],
      types: ['miniprogram-api-typings'],
      strict: true,
      ...own,
      noEmit: true,
      skipLibCheck: true,
      noUnusedLocals: false,
    }
  }

  /** Takes positions from 0, as the compilers give them. */
  private report(file: string, line: number, column: number, message: string): void {
    this.problems.push({
      file: posix(path.relative(this.appRoot, file)),
      line: line + 1,
      column: column + 1,
      message,
    })
  }
}

function templatesIn(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory())
        return /^(node_modules|miniprogram_npm|\..*)$/.test(entry.name) ? [] : templatesIn(file)
      return entry.name.endsWith('.wxml') ? [file] : []
    })
    .sort()
}

function readUsing(file: string): Record<string, string> {
  if (!fs.existsSync(file)) return {}
  const config: { usingComponents?: Record<string, string> } = JSON.parse(fs.readFileSync(file, 'utf8'))
  return config.usingComponents ?? {}
}

function posix(file: string): string {
  return file.split(path.sep).join('/')
}
