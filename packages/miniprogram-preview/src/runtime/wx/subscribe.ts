/** @module wx.requestSubscribeMessage: inside a tap or a payment's callback, for at most three templates, as WeChat has it. */
import type { Overlay } from '../chrome/overlay.ts'
import { askToSubscribe } from '../chrome/subscribe-sheet.ts'
import type { MessageTemplate, PhoneConfig } from '../phone-config.ts'
import { askServer } from '../server-link.ts'
import { isInGesture } from '../user-gesture.ts'
import { CallFailure, wxCall } from './call.ts'
import type { PhoneStorage } from './storage.ts'

const MOST_TEMPLATES = 3
const CHOICES_KEY = '__subscriptions'

/** What somebody said to keep, by template. */
type Choices = Readonly<Record<string, 'accept' | 'reject'>>

export function subscribeFunctions(
  config: PhoneConfig,
  overlay: Overlay,
  storage: PhoneStorage,
): Record<string, unknown> {
  const keptChoices = () => (storage.get(CHOICES_KEY) as Choices | undefined) ?? {}
  let isAsking = false

  const ask = async (asked: readonly MessageTemplate[]): Promise<Choices> => {
    const kept = keptChoices()
    const open = asked.filter(({ templateId }) => kept[templateId] === undefined)
    if (open.length === 0) return kept
    const { allowed, remember } = await askToSubscribe(overlay, { program: config.title, templates: open })
    const said = Object.fromEntries(
      open.map(({ templateId }) => [templateId, allowed.includes(templateId) ? 'accept' : 'reject'] as const),
    )
    if (remember) storage.set(CHOICES_KEY, { ...kept, ...said })
    return { ...kept, ...said }
  }

  return {
    requestSubscribeMessage: wxCall<{ tmplIds?: unknown }>('requestSubscribeMessage', async ({ tmplIds }) => {
      if (!isInGesture()) throw new CallFailure('can only be invoked by user TAP gesture.')
      const templates = templatesOf(config, tmplIds)
      if (isAsking) throw new CallFailure('last call has not ended')
      isAsking = true
      try {
        // Of templates with one title only the first is asked for.
        const asked = templates.filter(({ title }, i) => templates.findIndex((t) => t.title === title) === i)
        const choices = await ask(asked)
        const allowed = asked.map(({ templateId }) => templateId).filter((id) => choices[id] === 'accept')
        if (allowed.length > 0) await askServer(config, 'messages/allow', { templateIds: allowed })
        return Object.fromEntries(
          templates.map((template) => [
            template.templateId,
            asked.includes(template) ? choices[template.templateId] : 'filter',
          ]),
        )
      } finally {
        isAsking = false
      }
    }),
    getSetting: wxCall<{ withSubscriptions?: boolean }>('getSetting', ({ withSubscriptions = false }) => ({
      authSetting: {},
      ...(withSubscriptions && {
        subscriptionsSetting: { mainSwitch: true, itemSettings: keptChoices() },
      }),
    })),
  }
}

/** @throws CallFailure with WeChat's code for a list it would not show */
function templatesOf(config: PhoneConfig, tmplIds: unknown): MessageTemplate[] {
  if (!Array.isArray(tmplIds) || tmplIds.length === 0)
    throw new CallFailure("TmplIds can't be empty", { errCode: 10001 })
  if (tmplIds.length > MOST_TEMPLATES)
    throw new CallFailure('Templates count out of max bounds', { errCode: 20003 })
  return tmplIds.map((id) => {
    const found = config.templates?.find(({ templateId }) => templateId === id)
    if (found === undefined)
      throw new CallFailure('No template data return, verify the template id exist', { errCode: 20001 })
    return found
  })
}
