/** @module Labelled facts of a staff page, those without a value left out. */
import type { FactView } from './order'
import { timeText } from './time'

export const fact = (label: string, value: string | null, copyable = false): FactView[] =>
  value === null || value === '' ? [] : [{ label, value, copyable }]

export const timeFact = (label: string, instant: string | null): FactView[] =>
  fact(label, instant === null ? null : timeText(instant))
