/**
 * @module How a bill is written: UTF-8 with a byte order mark, every value behind a back-tick, money in yuan, a summary at the end.
 */

export interface Column<Row> {
  readonly name: string
  readonly value: (row: Row) => string
}

export interface Summary {
  readonly names: readonly string[]
  readonly values: readonly string[]
}

const EOL = '\r\n'
const BOM = '\ufeff'

export function writeBill<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  summary: Summary,
): string {
  const lines = [
    columns.map(({ name }) => name).join(','),
    ...rows.map((row) => line(columns.map(({ value }) => value(row)))),
    summary.names.join(','),
    line(summary.values),
  ]
  return `${BOM}${lines.join(EOL)}${EOL}`
}

function line(values: readonly string[]): string {
  return values.map((value) => `\`${value}`).join(',')
}

/** Text of the merchant's own: rows end at line ends and fields at commas, so neither may stand in it. */
export function plainText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/,/g, '\\ ')
}

/** Fen as yuan with two decimals. */
export function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The fee column has five decimals. */
export function feeYuan(fen: number): string {
  return `${yuan(fen)}000`
}

export function totalFen(fens: readonly number[]): number {
  return fens.reduce((sum, fen) => sum + fen, 0)
}
