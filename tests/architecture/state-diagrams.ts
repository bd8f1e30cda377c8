/** @module State diagrams (Mermaid) from the shop's tables; docs/state-diagrams.md holds them. */
import {
  AGREEMENT_TRANSITIONS,
  ORDER_TRANSITIONS,
  PAYMENT_TRANSITIONS,
  TRANSFER_TRANSITIONS,
} from '@yuanlu/shop'

const diagram = (
  table: Readonly<Record<string, Readonly<Record<string, string>>>>,
  start: string,
): string => {
  const lines = Object.entries(table).flatMap(([state, events]) => {
    const arrows = Object.entries(events).map(([event, next]) => `  ${state} --> ${next} : ${event}`)
    return arrows.length > 0 ? arrows : [`  ${state} --> [*]`]
  })
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${start}`, ...lines, '```'].join('\n')
}

export const stateDiagrams = (): Record<string, string> => ({
  order: diagram(ORDER_TRANSITIONS, 'placing'),
  payment: diagram(PAYMENT_TRANSITIONS, 'submitting'),
  agreement: diagram(AGREEMENT_TRANSITIONS, 'requested'),
  transfer: diagram(TRANSFER_TRANSITIONS, 'submitting'),
})
