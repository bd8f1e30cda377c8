/** @module The preview's own endpoints: login, cashier, switches. */
import { HttpRefusal, stringField } from './answers.ts'
import type { PaymentParams, PreviewMessages, PreviewOptions } from './options.ts'

type Body = Readonly<Record<string, unknown>>

/**
 * Answers one of the preview's own POST endpoints.
 * @throws HttpRefusal 404 for another name, 400 for a body that does not fit
 */
export async function answerPlatformCall(
  options: PreviewOptions,
  name: string,
  body: Body,
): Promise<unknown> {
  switch (name) {
    case 'login':
      return options.platform.login({ openid: knownOpenid(options, body) })
    case 'cashier/open':
      return options.platform.openCashier({ ...paymentParams(body), openid: knownOpenid(options, body) })
    case 'cashier/finish':
      return options.platform.finishPayment({
        ...paymentParams(body),
        openid: knownOpenid(options, body),
        action: actionOf(body),
      })
    case 'messages/allow':
      await messagesOf(options).allow({
        openid: knownOpenid(options, body),
        templateIds: knownTemplates(options, body),
      })
      return {}
    case 'messages/delivered':
      return { messages: await messagesOf(options).delivered({ openid: knownOpenid(options, body) }) }
    case 'switch':
      return setSwitch(options, body)
    default:
      throw new HttpRefusal(404, 'not found')
  }
}

function knownOpenid(options: PreviewOptions, body: Body): string {
  const openid = stringField(body, 'openid')
  if (options.shoppers.some((shopper) => shopper.openid === openid)) return openid
  throw new HttpRefusal(400, 'expected "openid" to be one of the shoppers')
}

function messagesOf({ platform }: PreviewOptions): PreviewMessages {
  if (platform.messages === undefined) throw new HttpRefusal(404, 'this preview has no messages')
  return platform.messages
}

function knownTemplates(options: PreviewOptions, body: Body): string[] {
  const known = new Set(messagesOf(options).templates.map(({ templateId }) => templateId))
  const { templateIds } = body
  if (Array.isArray(templateIds) && templateIds.every((id) => typeof id === 'string' && known.has(id)))
    return templateIds
  throw new HttpRefusal(400, 'expected "templateIds" as a list of known templates')
}

function paymentParams(body: Body): PaymentParams {
  return {
    timeStamp: stringField(body, 'timeStamp'),
    nonceStr: stringField(body, 'nonceStr'),
    package: stringField(body, 'package'),
    signType: stringField(body, 'signType'),
    paySign: stringField(body, 'paySign'),
  }
}

function actionOf(body: Body): 'pay' | 'cancel' | 'fail' {
  const action = stringField(body, 'action')
  if (action === 'pay' || action === 'cancel' || action === 'fail') return action
  throw new HttpRefusal(400, 'expected "action" as pay, cancel or fail')
}

async function setSwitch(options: PreviewOptions, body: Body): Promise<{ value: string }> {
  const found = options.panel?.switches?.find(({ id }) => id === body.id)
  const value = stringField(body, 'value')
  if (found === undefined) throw new HttpRefusal(400, 'expected "id" to be one of the switches')
  if (!found.options.some((option) => option.value === value)) {
    throw new HttpRefusal(400, 'expected "value" to be one of the options')
  }
  await found.set(value)
  return { value: await found.get() }
}
