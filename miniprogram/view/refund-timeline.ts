/** @module A refund's timeline: when, who, what, and the words people left. Copied from its state, nothing added. */
import type { Refund } from '@yuanlu/contract'
import {
  partyCopy,
  refundEventCopy,
  refundNoteCopy,
  sentBackCopy,
  settledOtherWayCopy,
  systemEventCopy,
  unknownEventCopy,
} from '../copy/refund-status'
import { timeText } from './time'

type Entry = Refund['timeline'][number]
type KnownEvent = keyof typeof refundEventCopy
export type Party = keyof typeof partyCopy

export interface TimelineLineView {
  readonly key: string
  readonly at: string
  readonly who: string
  readonly what: string
  readonly note: string
  readonly latest: boolean
}

const isKnown = (event: string): event is KnownEvent => Object.keys(refundEventCopy).includes(event)
const hasSystemWords = (event: string): event is keyof typeof systemEventCopy =>
  Object.keys(systemEventCopy).includes(event)

/** What only the buyer does; everything else that a person does, staff do. */
const YOURS: readonly string[] = ['withdrawn', 'goodsSent']

const partyOf = ({ event, actor }: Entry, origin: Refund['origin']): Party => {
  if (actor === 'system') return 'system'
  if (YOURS.includes(event) || (event === 'requested' && origin === 'shopper')) return 'you'
  return 'shop'
}

const whatOf = ({ event }: Entry, party: Party, origin: Refund['origin']): string => {
  if (event === 'approved' && origin === 'system') return sentBackCopy
  if (party === 'system' && hasSystemWords(event)) return systemEventCopy[event]
  // WeChat Pay's success is recorded by the system; a person's is a return by other means.
  if (event === 'succeeded' && party === 'shop') return settledOtherWayCopy
  return isKnown(event) ? refundEventCopy[event] : unknownEventCopy
}

const hasNote = (event: string): event is keyof typeof refundNoteCopy =>
  Object.keys(refundNoteCopy).includes(event)

/** What the system noted are codes for staff, and what staff noted for each other is theirs. */
const noteOf = ({ event, note }: Entry, party: Party): string =>
  party === 'system' || note === null || note === '' || !hasNote(event) ? '' : refundNoteCopy[event](note)

/** Newest first. */
export const timelineView = (refund: Refund): TimelineLineView[] =>
  refund.timeline
    .map((entry, index) => {
      const party = partyOf(entry, refund.origin)
      return {
        key: String(index),
        at: timeText(entry.at),
        who: partyCopy[party],
        what: whatOf(entry, party, refund.origin),
        note: noteOf(entry, party),
        latest: index === refund.timeline.length - 1,
      }
    })
    .reverse()
