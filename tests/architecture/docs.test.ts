import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ATTENTION_KINDS, ORDER_STATUSES } from '@yuanlu/contract'
import { filesBelow, ROOT, read } from './source-files'

const documents = filesBelow('', ['.md']).filter((file) => !file.startsWith('tests/vectors/'))
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts

test.each(documents)('links and commands of %s lead somewhere', (file) => {
  const text = read(file)
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^(?:https?:|mailto:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''))
  expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([])
  const commands = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '')
  expect(commands.filter((command) => scripts[command] === undefined)).toEqual([])
})

test('every script of package.json is there', () => {
  const missing = Object.values(scripts)
    .flatMap((script) => /^node (\S+)/.exec(script)?.[1] ?? [])
    .filter((path) => !existsSync(join(ROOT, path)))
  expect(missing).toEqual([])
})

test('the configuration page names every variable that the server reads, and no other', () => {
  const config = read('packages/backend/src/config.ts')
  const calls =
    /reader\.(?:text|templateId|required|integer|choice|origin|openids|readableFile)\(\s*'([A-Z0-9_]+)'/g
  const pems = /reader\.(?:pem|requiredPem)\(\s*'([A-Z0-9_]+)'/g
  const variables = [
    ...[...config.matchAll(calls)].map((match) => match[1] ?? ''),
    ...[...config.matchAll(pems)].flatMap((match) => [match[1] ?? '', `${match[1]}_FILE`]),
    ...['NOTIFY_BASE_URL', 'SESSION_SECRET', 'SESSION_SECRET_PREVIOUS', 'NODE_EXTRA_CA_CERTS'],
    'NODE_TLS_REJECT_UNAUTHORIZED',
  ]
  const named = [...read('docs/configuration.md').matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?:=\d)?`/g)]
  expect([...new Set(named.map((match) => match[1]))].sort()).toEqual([...new Set(variables)].sort())
})

test('the glossary has every state and every kind of attention', () => {
  const glossary = read('docs/glossary.md')
  for (const word of [...ORDER_STATUSES, ...ATTENTION_KINDS]) expect(glossary).toContain(`\`${word}\``)
})

test('the diagrams in the documentation are those of the tables', async () => {
  const { stateDiagrams } = await import('./state-diagrams')
  for (const [name, diagram] of Object.entries(stateDiagrams()))
    expect([name, read('docs/state-diagrams.md').includes(diagram)]).toEqual([name, true])
})
