/** @module What the phone keeps between visits, read back with suspicion. */

/** The stored value, or `undefined` when there is none or the storage can't be read. */
export const readStored = (key: string): unknown => {
  try {
    const value: unknown = wx.getStorageSync(key)
    return value === '' ? undefined : value
  } catch {
    return undefined
  }
}

/** A full storage loses convenience, never money: the page in hand goes on. */
export const writeStored = (key: string, value: object): void => {
  try {
    wx.setStorageSync(key, value)
  } catch (error) {
    console.warn('storage.write', key, error)
  }
}

export const removeStored = (key: string): void => {
  try {
    wx.removeStorageSync(key)
  } catch (error) {
    console.warn('storage.remove', key, error)
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
