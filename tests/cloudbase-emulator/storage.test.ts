/** @module Files through the real SDK. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Cloud, errorOf, openCloud } from './sdk'

let now = 1_800_000_000_000
let emulator: CloudbaseEmulator
let cloud: Cloud

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ clock: () => now, maxFileBytes: 1_000 })
  cloud = openCloud(emulator)
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

const BYTES = Buffer.from([0, 255, 13, 10, 0x1f, 0x8b])
const upload = (cloudPath = 'bills/账单 2026-01.csv.gz') =>
  cloud.uploadFile({ cloudPath, fileContent: BYTES })

test('what is uploaded is downloaded, byte for byte, under a name in Chinese too', async () => {
  const { fileID } = await upload()
  expect(fileID).toBe('cloud://local-env.emulated-local-env/bills/账单 2026-01.csv.gz')
  expect((await cloud.downloadFile({ fileID })).fileContent).toEqual(BYTES)
  await cloud.uploadFile({ cloudPath: 'bills/账单 2026-01.csv.gz', fileContent: Buffer.from('newer') })
  expect(String((await cloud.downloadFile({ fileID })).fileContent)).toBe('newer')
})

test('a link works for its time and no longer, and for its file only', async () => {
  const [{ fileID }, other] = [await upload('a.txt'), await upload('b.txt')]
  const { fileList } = await cloud.getTempFileURL({ fileList: [{ fileID, maxAge: 60 }, other.fileID] })
  const [link, day] = fileList.map(({ tempFileURL }) => tempFileURL)
  expect(fileList.map(({ status }) => status)).toEqual([0, 0])
  const status = async (url = ''): Promise<number> => (await fetch(url)).status
  expect(await status(link)).toBe(200)
  expect(await status(link?.replace('a.txt', 'b.txt'))).toBe(403)
  expect(await status(link?.replace(/&t=\d+/, '&t=9999999999999'))).toBe(403)
  expect(await status(link?.split('?')[0])).toBe(403)
  now += 60_000
  expect([await status(link), await status(day)]).toEqual([403, 200])
  now += 86_340_000
  expect(await status(day)).toBe(403)
})

test('a file that is not there has its own status, beside those that are', async () => {
  const { fileID } = await upload('a.txt')
  const missing = fileID.replace('a.txt', 'none.txt')
  const { fileList } = await cloud.getTempFileURL({ fileList: [missing, fileID] })
  expect(fileList).toMatchObject([
    { fileID: missing, status: -503003, errMsg: 'storage file not exists', tempFileURL: '' },
    { fileID, status: 0, errMsg: 'ok' },
  ])
  expect(
    (await cloud.deleteFile({ fileList: [fileID, missing] })).fileList.map(({ status }) => status),
  ).toEqual([0, -503003])
  expect((await errorOf(cloud.downloadFile({ fileID }))).errMsg).toContain('downloadFile:fail')
})

test.each(['/a.txt', 'a//b.txt', 'line\nbreak', 'x'.repeat(851)])(
  'the name %j is refused as on the platform',
  async (name) => {
    expect((await errorOf(upload(name))).errMsg).toContain('[InvalidKey]')
  },
)

test.each(['../up.txt', 'what?.txt', '50%.txt'])('the name %j is refused as not emulated', async (name) => {
  expect((await errorOf(upload(name))).errMsg).toContain('is not emulated')
})

test('an upload whose answer is lost is there all the same; one refused is not', async () => {
  emulator.faults.add({ fault: 'drop-after', match: { action: 'storage.put' } })
  await errorOf(upload('a.txt'))
  const fileID = 'cloud://local-env.emulated-local-env/a.txt'
  expect((await cloud.downloadFile({ fileID })).fileContent).toEqual(BYTES)
  emulator.faults.add({
    fault: 'error',
    match: { action: 'storage.put' },
    code: 'InternalError',
    message: 'try <again>',
  })
  expect((await errorOf(upload('b.txt'))).errMsg).toContain('[InternalError]: try <again>')
  expect(
    (await cloud.getTempFileURL({ fileList: [fileID.replace('a.txt', 'b.txt')] })).fileList[0]?.status,
  ).toBe(-503003)
})

test('a file that is too large is refused', async () => {
  const large = cloud.uploadFile({ cloudPath: 'large.bin', fileContent: Buffer.alloc(1_001) })
  expect((await errorOf(large)).errMsg).toContain('[EntityTooLarge]')
  await cloud.uploadFile({ cloudPath: 'fits.bin', fileContent: Buffer.alloc(1_000) })
})

test('nothing is uploaded without a permission, or with one that has ended', async () => {
  const url = emulator.url.replace('/admin', '/files/a.txt')
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403)
})
