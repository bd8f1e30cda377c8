/** @module A model of the mini-program platform behind the shop's port: what it was told, and what it answers. */
import type { DeliveryAnswer, Message, Platform, ShippingInfo } from '@yuanlu/shop'

export interface FakePlatform extends Platform {
  /** Everything that was tried, whatever the answer. */
  readonly messages: Message[]
  readonly uploads: ShippingInfo[]
  /** Taken one by one; then everything is delivered. */
  readonly nextAnswers: (DeliveryAnswer | Error)[]
  /** What is answered while nothing is in `nextAnswers`. */
  usually: DeliveryAnswer
}

export const createFakePlatform = (): FakePlatform => {
  const answer = async (): Promise<DeliveryAnswer> => {
    await new Promise((resolve) => setImmediate(resolve))
    const next = fake.nextAnswers.shift() ?? fake.usually
    if (next instanceof Error) throw next
    return next
  }
  const fake: FakePlatform = {
    messages: [],
    uploads: [],
    nextAnswers: [],
    usually: { kind: 'delivered' },
    login: async () => ({ kind: 'badCode' }),
    sendMessage: (message) => {
      fake.messages.push(message)
      return answer()
    },
    uploadShipping: (info) => {
      fake.uploads.push(info)
      return answer()
    },
  }
  return fake
}
