/** @module Looks for subscribe messages that reached whoever holds this phone, and shows each of them once. */
import { showMessage } from './chrome/message-banner.ts'
import type { Overlay } from './chrome/overlay.ts'
import type { PhoneConfig } from './phone-config.ts'
import { askServer } from './server-link.ts'
import type { PhoneStorage } from './wx/storage.ts'

interface Arrived {
  readonly id: number
  readonly templateId: string
  readonly page: string | null
  readonly data: Readonly<Record<string, string>>
}

const LOOK_EVERY_MS = 2_000
/** The last message shown on this machine's phones of one person. */
const LAST_KEY = '__lastMessage'

export function watchMessages(input: {
  readonly config: PhoneConfig
  readonly overlay: Overlay
  readonly storage: PhoneStorage
  /** Opens a page of the program. */
  readonly open: (url: string) => void
}): void {
  const { config, overlay, storage } = input
  if (config.templates === null) return
  const look = async (): Promise<void> => {
    if (document.visibilityState === 'visible') {
      const { messages } = await askServer(config, 'messages/delivered', {})
      for (const message of unseen(storage, messages as readonly Arrived[])) show(message)
    }
  }
  const show = ({ templateId, page, data }: Arrived) => {
    const template = config.templates?.find((each) => each.templateId === templateId)
    const lines = Object.entries(data).map(([key, value]) => [template?.keywords[key] ?? key, value] as const)
    const message = { program: config.title, title: template?.title ?? templateId, lines }
    showMessage(overlay, message, () => {
      if (page !== null) input.open(`/${page}`)
    })
  }
  const lookAndGoOn = () => {
    // A server that is gone for a while has no news; the next look tells.
    look()
      .catch(() => {})
      .finally(() => setTimeout(lookAndGoOn, LOOK_EVERY_MS))
  }
  lookAndGoOn()
}

/** What came after the last one shown. A phone that is new to its holder begins with what comes from now on. */
function unseen(storage: PhoneStorage, messages: readonly Arrived[]): readonly Arrived[] {
  const newest = messages.at(-1)?.id ?? 0
  const last = storage.get(LAST_KEY)
  if (last !== newest) storage.set(LAST_KEY, newest)
  if (typeof last !== 'number') return []
  // Numbers that began anew are those of another sandbox.
  const from = newest < last ? 0 : last
  return messages.filter(({ id }) => id > from)
}
