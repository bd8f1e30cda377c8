/** @module `npm run upload`: what is packed, and what is refused before WeChat is asked. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

interface PlanModule {
  packedFiles(root: string, config: object): { name: string; bytes: number }[]
  declaredAddresses(source: string): Record<string, string>
  uploadProblems(input: object): string[]
}
const { packedFiles, declaredAddresses, uploadProblems } = jest.requireActual<PlanModule>(
  '../../scripts/upload/plan.mjs',
)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('what project.config.json leaves out, and node_modules, is not packed', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-upload-'))
  const write = (name: string) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), '12345')
  }
  const wanted = ['app/app.json', 'app/assets/a.png', 'app/miniprogram_npm/kit/index.js']
  for (const name of [
    ...wanted,
    'app/assets/source/a.svg',
    'app/tsconfig.json',
    'app/node_modules/x/i.js',
    'b.js',
  ])
    write(name)
  const config = {
    miniprogramRoot: 'app/',
    packOptions: {
      ignore: [
        { type: 'folder', value: 'assets/source' },
        { type: 'file', value: 'tsconfig.json' },
      ],
    },
  }
  expect(packedFiles(root, config)).toEqual(
    wanted.map((name) => ({ name: name.slice('app/'.length), bytes: 5 })),
  )
  fs.rmSync(root, { recursive: true })
})

const SOUND = {
  appid: 'wx0123456789abcdef',
  version: '1.0.0',
  addresses: { TRIAL: 'https://shop.example.com', RELEASE: 'https://shop.example.com' },
  npmBuilt: true,
  keyFile: '/keys/private.key',
  keyFileThere: true,
}

test('nothing stands in the way of a sound upload', () => expect(uploadProblems(SOUND)).toEqual([]))

test.each([
  [{ appid: 'touristappid' }, /AppID is "touristappid".*--appid/],
  [{ version: '1.0' }, /--version must look like 1\.0\.0/],
  [
    { addresses: { ...SOUND.addresses, RELEASE: '' } },
    /RELEASE_API_BASE_URL in miniprogram\/services\/config\.ts/,
  ],
  [{ addresses: { ...SOUND.addresses, TRIAL: 'http://shop.example.com' } }, /TRIAL_API_BASE_URL.*https/],
  [{ npmBuilt: false }, /npm run build/],
  [{ keyFile: undefined }, /代码上传密钥/],
  [{ keyFileThere: false }, /\/keys\/private\.key, which is not there/],
])('%p is refused with what to do', (change, expected) => {
  expect(uploadProblems({ ...SOUND, ...change })).toEqual([expect.stringMatching(expected)])
})

test('the addresses are those of the source, which ships with none', () => {
  const source = fs.readFileSync(path.join(ROOT, 'miniprogram/services/config.ts'), 'utf8')
  expect(declaredAddresses(source)).toEqual({ TRIAL: '', RELEASE: '' })
  expect(
    declaredAddresses(source.replace("TRIAL_API_BASE_URL = ''", "TRIAL_API_BASE_URL = 'https://t.cn'")),
  ).toEqual({
    TRIAL: 'https://t.cn',
    RELEASE: '',
  })
})

test('a dry run lists the files and the command, and says what would be refused', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['scripts/upload.mjs', '--appid', SOUND.appid, '--version', '1.0.0', '--dry-run'],
    { cwd: ROOT, encoding: 'utf8' },
  )
  expect(stdout).toMatch(/^ {2}pages\/refund\/refund\.wxml +\d+\.\d KB$/m)
  expect(stdout).not.toMatch(/^ {2}tsconfig\.json/m)
  expect(stdout).toMatch(/miniprogram-ci upload --pp \. --pkp <key> --appid wx0123456789abcdef --uv 1\.0\.0/)
  expect(stderr).toContain('This upload would be refused')
  expect(status).toBe(1)
})
