/** @module Login, payment, addresses: the calls that WeChat itself answers. */
import { type ChosenAddress, chooseAddress } from '../chrome/address-chooser.ts'
import { runCashier } from '../chrome/cashier.ts'
import type { Overlay } from '../chrome/overlay.ts'
import type { PhoneConfig } from '../phone-config.ts'
import { askServer } from '../server-link.ts'
import { openGesture } from '../user-gesture.ts'
import { CallFailure, wxCall } from './call.ts'
import type { PhoneStorage } from './storage.ts'

interface PaymentParams {
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly signType?: string
  readonly paySign: string
}

const ADDRESS_KEY = '__addresses'

export function accountFunctions(
  config: PhoneConfig,
  overlay: Overlay,
  storage: PhoneStorage,
): Record<string, unknown> {
  return {
    login: wxCall('login', async () => {
      const answer = await askServer(config, 'login', {})
      return { code: String(answer.code) }
    }),
    checkSession: wxCall('checkSession', () => {}),
    requestPayment: wxCall<PaymentParams>('requestPayment', async (options) => {
      const params = checkedPaymentParams(options)
      const errMsg = await runCashier(overlay, {
        open: async () => {
          const answer = await askServer(config, 'cashier/open', params)
          if (answer.ok !== true) return { ok: false, errMsg: String(answer.errMsg) }
          return {
            ok: true,
            payee: String(answer.payee),
            description: String(answer.description),
            amountFen: Number(answer.amountFen),
          }
        },
        finish: async (action) => {
          const answer = await askServer(config, 'cashier/finish', { ...params, action })
          return String(answer.errMsg)
        },
      })
      // WeChat lets the callback of a payment ask for messages, as a tap may.
      openGesture()
      if (errMsg !== 'requestPayment:ok') throw new CallFailure(errMsg.replace(/^requestPayment:fail\s*/, ''))
    }),
    chooseAddress: wxCall('chooseAddress', async () => {
      const address = await chooseAddress(overlay, {
        load: () => (storage.get(ADDRESS_KEY) as readonly ChosenAddress[] | undefined) ?? [],
        save: (addresses) => storage.set(ADDRESS_KEY, addresses.slice(0, 20)),
      })
      if (address === undefined) throw new CallFailure('cancel')
      return { ...address }
    }),
    openSetting: wxCall('openSetting', () => ({ authSetting: {} })),
    authorize: wxCall('authorize', () => {}),
    getPrivacySetting: wxCall('getPrivacySetting', () => ({
      needAuthorization: false,
      privacyContractName: '',
    })),
  }
}

/** The client refuses parameters that are not strings before it asks anyone. */
function checkedPaymentParams(options: PaymentParams): PaymentParams {
  for (const name of ['timeStamp', 'nonceStr', 'package', 'paySign'] as const) {
    const value: unknown = options[name]
    if (typeof value === 'string' && value !== '') continue
    throw new CallFailure(
      `parameter error: parameter.${name} should be String instead of ${typeName(value)};`,
    )
  }
  const { timeStamp, nonceStr, package: packageValue, paySign } = options
  // MD5 is what the client assumes when the program names no signType.
  return { timeStamp, nonceStr, package: packageValue, signType: options.signType ?? 'MD5', paySign }
}

function typeName(value: unknown): string {
  if (value === undefined) return 'Undefined'
  if (value === null) return 'Null'
  if (value === '') return 'empty String'
  const name = typeof value
  return name.charAt(0).toUpperCase() + name.slice(1)
}
