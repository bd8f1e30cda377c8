/** @module A downloaded bill: unpacked as a stream, hashed, counted, and cut into lines of named columns. */
import { createHash } from 'node:crypto'
import { TextDecoder } from 'node:util'
import type { Bill } from './bill.ts'
import { WxpayError } from './errors.ts'
import { fenOfYuan } from './yuan.ts'

/** Larger downloads are refused: bills are asked for compressed, about a tenth of their text. An address lives five minutes. */
export const billLimits = { maxBytes: 128 * 1024 * 1024, timeoutMs: 5 * 60 * 1000 }

// A gigabyte is over two million trades. What unpacks to more is no bill.
const maxTextBytes = 1024 * 1024 * 1024
const maxLineCharacters = 64 * 1024
const pieceBytes = 64 * 1024

/** One line, by the names of its header. */
export type BillLine = ReadonlyMap<string, string>

/** What tells one kind of bill from the other. */
export interface BillForm<Row, Totals> {
  /** The first column of the sums, which also counts the rows. */
  readonly countColumn: '总交易单数' | '资金流水总笔数'
  row(line: BillLine): Row
  totals(line: BillLine): Totals
}

/**
 * Goes through the whole file once: it must unpack, be UTF-8, fit the hash (when there is one), have rows of the documented
 * form, end with its sums, and have as many rows as they say.
 *
 * @param sha1 upper- or lower-case hexadecimal. The pages do not say of which form; WeChat's SDKs take it of the text, so
 *   it may be that of the text or of the file as it was downloaded: either proves that nothing was changed
 * @throws WxpayError `ERR_WXPAY_BILL_CORRUPT`
 */
export async function openBill<Row, Totals>(
  file: Buffer,
  form: BillForm<Row, Totals>,
  sha1?: string,
): Promise<Bill<Row, Totals>> {
  const { countColumn } = form
  const hash = createHash('sha1')
  let rowCount = 0
  let totals: BillLine | undefined
  for await (const line of linesOf(file, countColumn, (piece) => hash.update(piece))) {
    const columns = columnsOf(line)
    if (line.isSums) totals = columns
    else {
      // Read, only to be read again: whoever books rows as they come must not have booked some of a bill that is no good.
      form.row(columns)
      rowCount += 1
    }
  }
  const asked = sha1?.toLowerCase()
  if (
    asked !== undefined &&
    asked !== hash.digest('hex') &&
    asked !== createHash('sha1').update(file).digest('hex')
  ) {
    throw corrupt('it does not fit the hash of the signed answer')
  }
  if (totals === undefined) throw corrupt('it ends before its sums')
  if (countOf(totals, countColumn) !== rowCount) throw corrupt('it has another number of rows than it says')
  return {
    rowCount,
    totals: form.totals(totals),
    hashed: asked !== undefined,
    async *[Symbol.asyncIterator]() {
      for await (const line of linesOf(file, countColumn)) if (!line.isSums) yield form.row(columnsOf(line))
    },
  }
}

/** A number of rows: WeChat writes it as it writes yuan, `45.0`. */
export function countOf(line: BillLine, name: string): number | undefined {
  const hundredths = Number(fenOfYuan(String(line.get(name))))
  return hundredths >= 0 && hundredths % 100 === 0 ? hundredths / 100 : undefined
}

/** A bill outside the documentation, or not the one that WeChat sent. */
export function corrupt(reason: string): WxpayError {
  return new WxpayError(
    'ERR_WXPAY_BILL_CORRUPT',
    `the bill cannot be believed: ${reason}. Ask for it again; count nothing of it`,
  )
}

/** A line that is not taken apart yet. */
interface Line {
  readonly names: readonly string[]
  readonly text: string
  readonly isSums: boolean
}

async function* linesOf(
  file: Buffer,
  countColumn: string,
  onText: (piece: Buffer) => void = () => {},
): AsyncGenerator<Line> {
  let names: readonly string[] | undefined
  let isSums = false
  let isOver = false
  for await (const text of wholeLines(file, countColumn, onText)) {
    if (isOver) throw corrupt('something follows its sums')
    if (names === undefined) {
      names = namesOf(text)
    } else if (!isSums && text.startsWith(`${countColumn},`)) {
      names = namesOf(text)
      isSums = true
    } else {
      yield { names, text, isSums }
      isOver = isSums
    }
  }
}

/** Lines of the table. One that does not begin with a back-tick goes on where a merchant's own line feed broke it. */
async function* wholeLines(
  file: Buffer,
  countColumn: string,
  onText: (piece: Buffer) => void,
): AsyncGenerator<string> {
  let held: string | undefined
  for await (const text of textLines(file, onText)) {
    if (held === undefined || text.startsWith('`') || text.startsWith(`${countColumn},`)) {
      if (held !== undefined) yield held
      held = text
    } else if (held.startsWith('`')) {
      held = bounded(`${held}\n${text}`)
    } else {
      throw corrupt('a line that is no row')
    }
  }
  if (held !== undefined) yield held
}

async function* textLines(file: Buffer, onText: (piece: Buffer) => void): AsyncGenerator<string> {
  // It takes the byte order mark away and refuses what is not UTF-8.
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let size = 0
  for await (const piece of piecesOf(file)) {
    size += piece.length
    if (size > maxTextBytes) throw corrupt('it unpacks to more than any bill')
    onText(piece)
    const lines = `${rest}${decode(decoder, piece)}`.split('\n')
    // Stryker disable next-line StringLiteral: whatever is split has a last part
    rest = bounded(lines.pop() ?? '')
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '')
  }
  const last = rest + decode(decoder)
  if (last.trim() !== '') yield last.replace(/\r$/, '')
}

function bounded(line: string): string {
  if (line.length > maxLineCharacters) throw corrupt('a line without an end')
  return line
}

function decode(decoder: TextDecoder, piece?: Buffer): string {
  try {
    return decoder.decode(piece, { stream: piece !== undefined })
  } catch {
    throw corrupt('it is not UTF-8')
  }
}

async function* piecesOf(file: Buffer): AsyncGenerator<Buffer> {
  if (file[0] !== 0x1f || file[1] !== 0x8b) {
    for (let rest = file; rest.length > 0; rest = rest.subarray(pieceBytes)) {
      yield rest.subarray(0, pieceBytes)
    }
    return
  }
  // Loaded by the first bill.
  const { createGunzip } = process.getBuiltinModule('node:zlib')
  // Stryker disable next-line ObjectLiteral: smaller pieces are slower, and the same
  const unpacked = createGunzip({ chunkSize: pieceBytes })
  unpacked.end(file)
  try {
    // However this loop ends, it destroys the stream.
    for await (const piece of unpacked) yield piece
  } catch {
    throw corrupt('it cannot be unpacked')
  }
}

function namesOf(header: string): readonly string[] {
  const names = header.split(',').map((name) => name.replace(/^`/, ''))
  if (new Set(names).size !== names.length) throw corrupt('two columns of one name')
  return names
}

/** Commas in merchants' words come escaped, so a comma and a back-tick together are the only border. */
function columnsOf({ names, text }: Line): BillLine {
  const values = text.slice(1).split(',`')
  if (values.length !== names.length) throw corrupt('a row with other columns than its header')
  // Stryker disable next-line StringLiteral: there is a value for every name
  return new Map(names.map((name, index) => [name, values[index] ?? '']))
}
