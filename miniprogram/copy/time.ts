/** @module Time left, in words. */

export const timeCopy = {
  days: (days: number, hours: number): string => `${days}天${hours}小时`,
} as const
