/** @module Storage of one shopper in one program; two phones side by side share it only when they share the shopper. */
import { CallFailure, wxCall } from './call.ts'

export class PhoneStorage {
  private readonly prefix: string

  constructor(appKey: string, openid: string) {
    this.prefix = `mp:${appKey}:${openid}:`
  }

  get(key: string): unknown {
    const text = localStorage.getItem(this.prefix + key)
    return text === null ? undefined : decode(text)
  }

  set(key: string, value: unknown): void {
    localStorage.setItem(this.prefix + key, encode(value))
  }

  remove(key: string): void {
    localStorage.removeItem(this.prefix + key)
  }

  keys(): string[] {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.prefix) && !key.startsWith(`${this.prefix}__`))
      .map((key) => key.slice(this.prefix.length))
  }

  clear(): void {
    for (const key of this.keys()) this.remove(key)
  }

  sizeKb(): number {
    return Math.ceil(
      this.keys().reduce((sum, key) => sum + (localStorage.getItem(this.prefix + key)?.length ?? 0), 0) /
        1024,
    )
  }
}

/** WeChat's limit of all data together (10 MB). */
const LIMIT_KB = 10_240

export function storageFunctions(storage: PhoneStorage): Record<string, unknown> {
  const info = () => ({ keys: storage.keys(), currentSize: storage.sizeKb(), limitSize: LIMIT_KB })
  return {
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => storage.set(key, value),
    removeStorageSync: (key: string) => storage.remove(key),
    clearStorageSync: () => storage.clear(),
    getStorageInfoSync: info,
    getStorage: wxCall<{ key: string }>('getStorage', ({ key }) => {
      const data = storage.get(key)
      if (data === undefined) throw new CallFailure('data not found')
      return { data }
    }),
    setStorage: wxCall<{ key: string; data: unknown }>('setStorage', ({ key, data }) =>
      storage.set(key, data),
    ),
    removeStorage: wxCall<{ key: string }>('removeStorage', ({ key }) => storage.remove(key)),
    clearStorage: wxCall('clearStorage', () => storage.clear()),
    getStorageInfo: wxCall('getStorageInfo', info),
  }
}

// Dates survive WeChat's storage, plain JSON would lose them.
function encode(value: unknown): string {
  return JSON.stringify(value instanceof Date ? { $date: value.getTime() } : { value })
}

function decode(text: string): unknown {
  const stored: { value?: unknown; $date?: number } = JSON.parse(text)
  return stored.$date === undefined ? stored.value : new Date(stored.$date)
}
