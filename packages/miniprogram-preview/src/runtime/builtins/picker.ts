/** @module picker: a tap opens a sheet of columns. */
import { type ColumnsOptions, showColumns } from '../chrome/columns-sheet.ts'
import type { Overlay } from '../chrome/overlay.ts'
import { REGIONS, regionColumns } from '../chrome/regions.ts'
import type { Define, Part } from './part.ts'

const SPECS = {
  mode: { type: String, value: 'selector' },
  range: null,
  rangeKey: String,
  value: null,
  disabled: Boolean,
  start: String,
  end: String,
  fields: { type: String, value: 'day' },
  headerText: String,
  name: String,
} as const

type Picker = Part<typeof SPECS>

/** One way of picking: which columns there are, and what an answer means. */
interface PickerMode extends Pick<ColumnsOptions, 'columnsFor' | 'selected'> {
  readonly valueOf: (selected: readonly number[]) => { value: unknown } & Record<string, unknown>
}

export function definePicker(define: Define, overlay: Overlay): void {
  define('picker', SPECS, (part) => {
    part.element.setAttribute('role', 'button')
    part.on('tap', async () => {
      if (part.get('disabled')) return
      const mode = modeOf(part)
      const chosen = await showColumns(overlay, {
        title: part.get('headerText') ?? '',
        columnsFor: mode.columnsFor,
        selected: mode.selected,
        onColumnChange: (column, value) => {
          if (part.get('mode') === 'multiSelector') part.emit('columnchange', { column, value })
        },
      })
      if (chosen === undefined) {
        part.emit('cancel')
        return
      }
      const detail = mode.valueOf(chosen)
      part.set({ value: detail.value })
      part.emit('change', detail)
    })
    part.field = { value: () => part.get('value'), reset: () => part.set({ value: null }) }
  })
}

function modeOf(part: Picker): PickerMode {
  switch (part.get('mode')) {
    case 'multiSelector':
      return multiSelector(part)
    case 'time':
      return time(part)
    case 'date':
      return date(part)
    case 'region':
      return region(part)
    default:
      return selector(part)
  }
}

function selector(part: Picker): PickerMode {
  return {
    columnsFor: () => [labels(part.get('range'), part.get('rangeKey'))],
    selected: [Number(part.get('value') ?? 0)],
    valueOf: ([index = 0]) => ({ value: index }),
  }
}

function multiSelector(part: Picker): PickerMode {
  return {
    // Read again each time: the program replaces later columns while the sheet is open.
    columnsFor: () => list(part.get('range')).map((column) => labels(column, part.get('rangeKey'))),
    selected: list(part.get('value')).map(Number),
    valueOf: (selected) => ({ value: [...selected] }),
  }
}

function time(part: Picker): PickerMode {
  const [hour = 0, minute = 0] = String(part.get('value') ?? '')
    .split(':')
    .map(Number)
  return {
    columnsFor: () => [numbers(0, 23), numbers(0, 59)],
    selected: [hour || 0, minute || 0],
    valueOf: (selected) => ({ value: selected.map(twoDigits).join(':') }),
  }
}

function date(part: Picker): PickerMode {
  const depth = part.get('fields') === 'year' ? 1 : part.get('fields') === 'month' ? 2 : 3
  const now = new Date()
  const firstYear = Number(part.get('start')?.slice(0, 4)) || now.getFullYear() - 50
  const lastYear = Number(part.get('end')?.slice(0, 4)) || now.getFullYear() + 20
  const [year, month, day] = String(part.get('value') ?? '')
    .split('-')
    .map(Number)
  const daysIn = (selected: readonly number[]) =>
    new Date(firstYear + (selected[0] ?? 0), (selected[1] ?? 0) + 1, 0).getDate()
  return {
    columnsFor: (selected) =>
      [numbers(firstYear, lastYear), numbers(1, 12), numbers(1, daysIn(selected))].slice(0, depth),
    selected: [
      (year || now.getFullYear()) - firstYear,
      (month || now.getMonth() + 1) - 1,
      (day || now.getDate()) - 1,
    ].slice(0, depth),
    valueOf: ([yearIndex = 0, ...rest]) => ({
      value: [String(firstYear + yearIndex), ...rest.map((index) => twoDigits(index + 1))].join('-'),
    }),
  }
}

function region(part: Picker): PickerMode {
  const [provinceName, cityName, countyName] = list(part.get('value')).map(String)
  const province = Math.max(
    0,
    REGIONS.findIndex(({ name }) => name === provinceName),
  )
  const cities = REGIONS[province]?.cities ?? []
  const city = Math.max(
    0,
    cities.findIndex(({ name }) => name === cityName),
  )
  const county = Math.max(0, cities[city]?.counties.indexOf(countyName ?? '') ?? 0)
  return {
    columnsFor: regionColumns,
    selected: [province, city, county],
    valueOf: (selected) => ({
      value: regionColumns(selected).map((names, column) => names[selected[column] ?? 0] ?? ''),
      postcode: REGIONS[selected[0] ?? 0]?.cities[selected[1] ?? 0]?.postalCode ?? '',
    }),
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function labels(range: unknown, key: string): string[] {
  return list(range).map((item) => {
    if (key === '' || key === undefined || typeof item !== 'object' || item === null) return String(item)
    return String(Reflect.get(item, key))
  })
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_unused, index) => twoDigits(from + index))
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
