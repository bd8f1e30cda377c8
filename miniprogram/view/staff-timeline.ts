/** @module A refund's history as staff read it: what, when, who, and the note that came with it. */
import { ATTENTION_KINDS, type Refund } from '@yuanlu/contract'
import { staffCopy } from '../copy/staff'
import { staffAttentionKindCopy } from '../copy/staff-attention'
import { staffEventCopy, staffUnknownEventCopy } from '../copy/staff-refund'
import { requesterOf } from './staff-actions'
import { reasonText } from './staff-refund-state'
import { shortOpenid } from './staff-role'
import { timeText } from './time'

export interface TimelineRow {
  readonly key: string
  readonly event: string
  readonly who: string
  readonly when: string
  readonly note: string
}

type Entry = Refund['timeline'][number]

const SYSTEM = 'system'

const who = (refund: Refund, { actor }: Entry): string => {
  if (actor === SYSTEM || actor === '') return staffCopy.system
  const isBuyer = refund.origin === 'shopper' && actor === requesterOf(refund)
  return `${isBuyer ? staffCopy.buyer : staffCopy.staff} ${shortOpenid(actor)}`
}

/** WeChat Pay's codes and our kinds of attention are written into notes as they are. */
const noteText = (note: string): string => {
  const kind = ATTENTION_KINDS.find((each) => each === note)
  if (kind !== undefined) return staffAttentionKindCopy[kind].title
  return /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(note) && note.length > 3 ? reasonText(note) : note
}

/** WeChat Pay's success is written down by the system; a person's is money that went back another way. */
const eventText = ({ event, actor }: Entry): string => {
  const key = event === 'succeeded' && actor !== SYSTEM ? 'offline' : event
  return staffEventCopy[key] ?? staffUnknownEventCopy
}

/** Newest first. */
export const timelineRows = (refund: Refund): TimelineRow[] =>
  refund.timeline
    .map((entry, i) => ({
      key: `${i}-${entry.event}`,
      event: eventText(entry),
      who: who(refund, entry),
      when: timeText(entry.at),
      note: entry.note === null ? '' : noteText(entry.note),
    }))
    .reverse()
