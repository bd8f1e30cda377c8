import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { aSandbox, cleanUp, send } from './merchant.ts'

afterAll(cleanUp)

const ROOT = join(__dirname, '../../packages/wechat-sandbox')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const program = (path: string): string => readFileSync(join(ROOT, 'examples', path), 'utf8')

const copied = new Map<string, string>()

/** What the console gives to copy, with the name of each member of sandbox.json where its value stood. */
beforeAll(async () => {
  const { info } = await aSandbox()
  const keys = await send(`${info.controlUrl}/console/keys`, {
    headers: { Authorization: `Bearer ${info.controlToken}` },
  })
  const { sdks }: { sdks: { language: string; text: string }[] } = JSON.parse(keys.body)
  // The longest first: a public key's id has the merchant number in it.
  const members = Object.entries(info).sort(([, a], [, b]) => b.length - a.length)
  for (const { language, text } of sdks) {
    copied.set(
      language,
      members.reduce((all, [name, value]) => all.replaceAll(value, name), text),
    )
  }
})

const settings = (language: string): string => copied.get(language) ?? ''

const LANGUAGES = [
  { fence: 'java', file: 'java/Shop.java' },
  { fence: 'go', file: 'go/shop.go' },
  { fence: 'php', file: 'php/shop.php' },
  { fence: 'python', file: 'python/shop.py' },
]

function snippets(fence: string): string[] {
  return [...README.matchAll(new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  )
}

const lines = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join('\n')

test.each(LANGUAGES)('what the README shows in $fence is a part of the program $file', ({ fence, file }) => {
  const shown = snippets(fence)
  expect(shown).toHaveLength(1)
  for (const code of shown) expect(lines(program(file))).toContain(lines(code))
})

test('keytool and java get the same options in the README, at the top of the program and in the console', () => {
  const options = (text: string) =>
    text
      .match(/(?<=\s)-[A-Za-z][\w.]*(?:=[\w.]+)?/g)
      ?.map((option) => option.replace(/^-Dhttps\.proxyPort=\d+$/, '-Dhttps.proxyPort'))
      .filter((option) => option !== '-cp')
  const [shown = ''] = snippets('sh').filter((code) => code.includes('keytool'))
  const [top = ''] = program('java/Shop.java').split('\nimport ')
  const [given = ''] = settings('java').split('\nRSAPublicKeyConfig')
  // A PKCS12 store that is read without its pass phrase holds no certificates, and every call fails.
  expect(options(shown)).toContain('-Djavax.net.ssl.trustStorePassword=changeit')
  expect(options(top)).toEqual(options(shown))
  expect(options(given)).toEqual(options(shown))
})

test('the console fills Java’s builder as the program does', () => {
  const builder = /new RSAPublicKeyConfig\.Builder\(\)([\s\S]*?)\.build\(\);/
  const calls = (text: string) =>
    [...(builder.exec(text)?.[1] ?? '').matchAll(/\.(\w+)\((?:of\()?"(\w+)"/g)].map(([, call, value]) => [
      call,
      value,
    ])
  expect(calls(settings('java'))).toHaveLength(6)
  expect(calls(settings('java'))).toEqual(calls(program('java/Shop.java')))
})

test('the console gives Go’s calls the arguments that the program gives them, in that order', () => {
  const calls = (text: string) =>
    ['WithWechatPayPublicKeyAuthCipher', 'NewRSANotifyHandler', 'NewSHA256WithRSAPubkeyVerifier'].map(
      (name) => {
        const [, given = ''] = new RegExp(`${name}\\(([^)(]*)`).exec(text) ?? []
        return given
          .split(',')
          .map((one) =>
            one
              .trim()
              .replace(/^sandbox\./, '')
              .replace(/"/g, '')
              .replace(/ID$/, 'Id'),
          )
          .map((one) => one.charAt(0).toLowerCase() + one.slice(1))
      },
    )
  expect(calls(settings('go'))[0]).toEqual(['mchid', 'serialNo', 'privateKey', 'publicKeyId', 'publicKey'])
  expect(calls(settings('go'))).toEqual(calls(program('go/shop.go')))
})

test('the console gives PHP’s factory the options that the program gives it', () => {
  const options = (text: string) => {
    const [, given = ''] = /Builder::factory\(\[([\s\S]*?)\n\]\);/.exec(text) ?? []
    return [...given.matchAll(/^ {4}'(\w+)'/gm)].map(([, name]) => name)
  }
  expect(options(settings('php'))).toEqual(options(program('php/shop.php')))
  // Without it the answers come under the platform certificate, which `certs` doesn't hold.
  expect(settings('php')).toContain("'headers'    => ['Wechatpay-Serial' => 'publicKeyId']")
})

test('the console gives Python’s client the arguments that the program gives it', () => {
  const given = (text: string) =>
    [
      ...(/WeChatPay\(([\s\S]*?notify_url=.*)\)/.exec(text)?.[1] ?? '').matchAll(
        /^\s+(\w+)=(?:.*?'(\w+)')?/gm,
      ),
    ].map(([, name, value]) => (name === 'notify_url' ? [name] : [name, value]))
  expect(given(settings('py'))).toHaveLength(9)
  expect(given(settings('py'))).toEqual(given(program('python/shop.py')))
})

/** What a language's own program says of a file's syntax; a machine without it skips, and says so. */
const CHECKS = [
  { file: 'go/shop.go', command: 'gofmt', args: ['-e', '-l'], probe: ['-h'] },
  { file: 'php/shop.php', command: 'php', args: ['-l'], probe: ['-v'] },
  {
    file: 'python/shop.py',
    command: 'python3',
    args: ['-c', 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())'],
    probe: ['-V'],
  },
]

function isInstalled(command: string, probe: string[]): boolean {
  try {
    execFileSync(command, probe, { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

for (const { file, command, args, probe } of CHECKS) {
  const check = isInstalled(command, probe) ? test : test.skip
  check(`${command} finds nothing wrong with the syntax of ${file}`, () => {
    const said = execFileSync(command, [...args, join(ROOT, 'examples', file)], { encoding: 'utf8' })
    expect(said.replace(/^No syntax errors detected.*\n/, '')).toBe('')
  })
}
