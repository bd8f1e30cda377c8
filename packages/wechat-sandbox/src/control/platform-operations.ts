/**
 * @module The control API's part about api.weixin.qq.com: message allowances, templates, what was sent and shipped.
 */
import { addGrants, isSubscribed } from '../api/subscribe-message.ts'
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import type { JsonRecord } from '../json.ts'
import { BOUNDS, type Message, type Parcel, type Shipment, type SpecialOrder } from '../state/tables.ts'
import { ControlError, readText } from './control-error.ts'

export type MessageView = Omit<Message, 'sentAt'> & { readonly sentAt: string }

export type ShipmentView = Omit<Shipment, 'terms' | 'finishedAt' | 'parcels'> & {
  readonly finishedAt: string | null
  readonly parcels: readonly (Omit<Parcel, 'uploadedAt'> & { readonly uploadedAt: string })[]
}

export type SpecialOrderView = Omit<SpecialOrder, 'dueAt' | 'declaredAt'> & {
  readonly dueAt: string | null
  readonly declaredAt: string
}

export interface PlatformControl {
  /** A tap on wx.requestSubscribeMessage: so many more messages of this template. */
  subscribe(body: JsonRecord): { grants: number }
  /** Marks a template id as invalid (its sends are refused with 40037), or as valid again. */
  markTemplate(body: JsonRecord): { templateId: string; isValid: boolean }
  /** The newest 200 messages that were sent, oldest first. */
  messages(query: { openid?: string | undefined }): { messages: MessageView[] }
  /** What was told about the delivery of an order, and whether it was declared as one that is late or a test. */
  shipments(outTradeNo: string): { shipments: ShipmentView[]; specialOrders: SpecialOrderView[] }
}

const LIST_LIMIT = 200

export function makePlatformControl({ store }: Core): PlatformControl {
  return {
    subscribe(body) {
      const openid = readText(body, 'openid', 128)
      const templateId = readText(body, 'templateId', 128)
      const { grants = 1 } = body
      if (!isWholeNumber(grants, 1, 1_000))
        throw new ControlError(400, 'INVALID_INPUT', 'grants must be a whole number from 1 to 1000')
      const isNew = !isSubscribed(store, openid, templateId)
      if (isNew && store.size('subscription') >= BOUNDS.subscriptions)
        throw new ControlError(
          400,
          'TOO_MANY',
          'there are too many subscriptions; use another data directory',
        )
      return { grants: addGrants(store, openid, templateId, grants) }
    },
    markTemplate(body) {
      const templateId = readText(body, 'templateId', 128)
      const { isValid } = body
      if (typeof isValid !== 'boolean')
        throw new ControlError(400, 'INVALID_INPUT', 'isValid must be true or false')
      if (store.size('template') >= BOUNDS.templates && store.get('template', templateId) === undefined)
        throw new ControlError(400, 'TOO_MANY', 'there are 1000 templates marked already')
      store.commit([{ table: 'template', id: templateId, value: { templateId, isValid } }])
      return { templateId, isValid }
    },
    messages({ openid }) {
      const found = [...store.all('message')].filter(
        (message) => openid === undefined || message.openid === openid,
      )
      return { messages: found.slice(-LIST_LIMIT).map(viewMessage) }
    },
    shipments(outTradeNo) {
      const trade = store.get('trade', outTradeNo)
      if (trade === undefined)
        throw new ControlError(404, 'NOT_FOUND', `there is no trade ${outTradeNo.slice(0, 64)}`)
      const found = trade.transactionIds.flatMap((id) => store.get('shipment', id) ?? [])
      const special = trade.transactionIds.flatMap((id) => store.get('specialOrder', id) ?? [])
      return { shipments: found.map(viewShipment), specialOrders: special.map(viewSpecialOrder) }
    },
  }
}

function viewMessage(message: Message): MessageView {
  return { ...message, sentAt: new Date(message.sentAt).toISOString() }
}

function viewSpecialOrder({ dueAt, declaredAt, ...order }: SpecialOrder): SpecialOrderView {
  return { ...order, dueAt: dueAt === null ? null : iso(dueAt), declaredAt: iso(declaredAt) }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function viewShipment({ terms: _terms, ...shipment }: Shipment): ShipmentView {
  return {
    ...shipment,
    finishedAt: shipment.finishedAt === null ? null : iso(shipment.finishedAt),
    parcels: shipment.parcels.map((parcel) => ({ ...parcel, uploadedAt: iso(parcel.uploadedAt) })),
  }
}
