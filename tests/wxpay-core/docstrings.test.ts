/** @module Every public name has its sentence, and every wire member its length or unit, as `npm run reference` asks too, without a network. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript5'

const home = join(__dirname, '..', '..', 'packages', 'wxpay-core')
const sources = join(home, 'src')

function parse(name: string): ts.SourceFile {
  const text = readFileSync(join(sources, name), 'utf8')
  return ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true)
}

/** The docstring before a declaration or member, or ''. */
function docOf(node: ts.Node): string {
  const file = node.getSourceFile()
  const comments = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []
  const last = comments.at(-1)
  const text = last === undefined ? '' : file.text.slice(last.pos, last.end)
  return text.startsWith('/**') && !text.startsWith('/** @module') ? text : ''
}

/** Members of a declaration, those of its inner objects included, with the name that leads to them. */
function membersOf(node: ts.Node, at: string): [path: string, member: ts.Node][] {
  const found: [string, ts.Node][] = []
  const visit = (child: ts.Node, path: string): void => {
    const isMember =
      ts.isPropertySignature(child) ||
      ts.isMethodSignature(child) ||
      ts.isIndexSignatureDeclaration(child) ||
      ts.isPropertyDeclaration(child)
    // What a function is given is described by the function.
    if (ts.isParameter(child) || ts.isBlock(child) || ts.isConstructorDeclaration(child)) return
    const name = isMember && child.name !== undefined ? `${path}.${child.name.getText()}` : path
    if (isMember) found.push([name, child])
    child.forEachChild((grandchild) => visit(grandchild, name))
  }
  node.forEachChild((child) => visit(child, at))
  return found
}

describe.each(['v2/messages.ts', 'v3/messages.ts'])('the messages in %s', (name) => {
  const messages = parse(name).statements.filter(ts.isInterfaceDeclaration)
  const isExported = (node: ts.InterfaceDeclaration): boolean =>
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

  test('each name the official page they were read from, and when', () => {
    const without = messages
      .filter(isExported)
      .filter(
        (one) =>
          !/@see [\s\S]*https:\/\/pay\.weixin\.qq\.com\/\S+[\s\S]*checked 20\d\d-\d\d/.test(docOf(one)),
      )
    expect(messages.length).toBeGreaterThan(15)
    expect(without.map(({ name: { text } }) => text)).toEqual([])
  })

  test('each member says how long it is, or in which unit', () => {
    const said =
      /at most \d+|exactly \d+|\d+ to \d+|\bfen\b|yyyy|RFC 3339, at most|base64|a whole number|true or false|any number of|an object|or nothing/
    const all = messages.flatMap((one) => membersOf(one, one.name.text))
    expect(all.length).toBeGreaterThan(100)
    expect(all.filter(([, member]) => !said.test(docOf(member))).map(([path]) => path)).toEqual([])
  })
})

/** What index.ts names: file and name. */
function publicNames(): [file: string, name: string][] {
  return parse('index.ts').statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) return []
    const file = statement.moduleSpecifier?.getText().slice(3, -1) ?? ''
    if (!ts.isNamedExports(statement.exportClause)) return []
    return statement.exportClause.elements.map(({ name }): [string, string] => [file, name.text])
  })
}

test('every public name has a docstring, and so has each of its members', () => {
  const names = publicNames()
  expect(names.length).toBeGreaterThan(80)
  const files = new Map<string, ts.SourceFile>()
  const without = names.flatMap(([file, name]) => {
    const source = files.get(file) ?? parse(file)
    files.set(file, source)
    const declared = source.statements.filter((statement) =>
      ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.some((one) => one.name.getText() === name)
        : 'name' in statement && (statement as ts.DeclarationStatement).name?.getText() === name,
    )
    if (declared.length === 0) return [`${name} is not in ${file}`]
    // Of an overloaded function the first has it.
    const bare = declared.every((statement) => docOf(statement) === '') ? [name] : []
    const members = declared.flatMap((statement) => membersOf(statement, name))
    return [...bare, ...members.filter(([, member]) => docOf(member) === '').map(([path]) => path)]
  })
  expect(without).toEqual([])
})

test('the reference is made with exact versions, and not made with a warning', async () => {
  const options = JSON.parse(readFileSync(join(home, 'typedoc.json'), 'utf8'))
  expect(options).toMatchObject({
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
  })
  const { TYPEDOC, TYPESCRIPT_OF_TYPEDOC, asShown } = jest.requireActual<{
    TYPEDOC: string
    TYPESCRIPT_OF_TYPEDOC: string
    asShown(tool: object): string
  }>('../../scripts/lib/on-demand.mjs')
  expect(TYPEDOC).toMatch(/^typedoc@\d+\.\d+\.\d+$/)
  // The compiler that reads these files here is the one that reads them there.
  expect(TYPESCRIPT_OF_TYPEDOC).toBe(`typescript@${ts.version}`)
  expect(
    asShown({ package: TYPEDOC, beside: TYPESCRIPT_OF_TYPEDOC, command: 'typedoc', args: ['--help'] }),
  ).toBe(`npx -y -p ${TYPEDOC} -p ${TYPESCRIPT_OF_TYPEDOC} typedoc --help`)
})

test('what stands behind @module is a sentence about the file, and never becomes its name', () => {
  const { load } = jest.requireActual<{ load(app: object): void }>(
    '../../scripts/reference/module-sentences.mjs',
  )
  const heard = new Map<string, (context: unknown, reflection: object) => void>()
  load({ converter: { on: (event: string, listener: () => void) => heard.set(event, listener) } })
  const sentence = [{ kind: 'text', text: 'Signs.' }]
  const see = { tag: '@see', content: [] }
  const comment = { summary: [], blockTags: [{ tag: '@module', content: sentence }, see] }
  heard.get('createDeclaration')?.(undefined, { comment })
  expect(comment).toEqual({ summary: sentence, blockTags: [see] })
})
