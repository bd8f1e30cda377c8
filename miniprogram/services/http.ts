/** @module One HTTP exchange through wx.request or wx.uploadFile: an envelope in, data or an ApiFailure out. */
import { API_ERRORS, type ApiErrorCode, isApiErrorCode } from '@yuanlu/contract'
import { ApiFailure } from './api-failure'
import { noteServerDate } from './clock'
import { apiBaseUrl } from './config'
import { isRecord } from './storage'

export interface HttpAsk {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly body?: object
  readonly header: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface FileAsk {
  readonly path: string
  readonly header: Readonly<Record<string, string>>
  /** A temporary file of this phone. */
  readonly filePath: string
  readonly timeoutMs: number
  /** Percent of the file that has been sent. */
  readonly onProgress?: (percent: number) => void
  /** Called at once with a way to give the upload up; what is given up fails as `NO_ANSWER`. */
  readonly onStart?: (abort: () => void) => void
}

const retryAfterMs = (header: Readonly<Record<string, unknown>>): number | undefined => {
  const name = Object.keys(header).find((key) => key.toLowerCase() === 'retry-after')
  const seconds = name === undefined ? Number.NaN : Number(header[name])
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}

const refusal = (error: unknown, header: Readonly<Record<string, unknown>>): ApiFailure | null => {
  if (!isRecord(error) || !isApiErrorCode(error.code)) return null
  const code: ApiErrorCode = error.code
  const waitMs = retryAfterMs(header)
  return new ApiFailure({
    code,
    retry: API_ERRORS[code].retry,
    message: typeof error.message === 'string' ? error.message : '',
    ...(typeof error.requestId === 'string' && { requestId: error.requestId }),
    ...(isRecord(error.details) && { details: error.details }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  })
}

/** What an answer means: its data, or the failure to throw. */
const readAnswer = (
  statusCode: number,
  answer: unknown,
  header: Readonly<Record<string, unknown>>,
): { data: unknown } | ApiFailure => {
  if (isRecord(answer) && answer.ok === true) return { data: answer.data }
  const known = isRecord(answer) && answer.ok === false ? refusal(answer.error, header) : null
  // A proxy's error page, or a code of a newer server: nothing is known about what happened.
  return (
    known ??
    new ApiFailure({
      code: 'NOT_UNDERSTOOD',
      retry: statusCode >= 500 ? 'later' : 'no',
      message: `status ${statusCode} without an envelope of ours`,
    })
  )
}

const baseUrl = (): string => {
  try {
    return apiBaseUrl()
  } catch (error) {
    throw new ApiFailure({ code: 'NOT_CONFIGURED', retry: 'no', message: String(error) })
  }
}

/** Sends one request and never repeats it. */
export const exchange = async (ask: HttpAsk): Promise<unknown> => {
  const url = baseUrl() + ask.path
  return new Promise((resolve, reject) => {
    wx.request<WechatMiniprogram.IAnyObject>({
      url,
      method: ask.method,
      header: { 'Content-Type': 'application/json', ...ask.header },
      timeout: ask.timeoutMs,
      dataType: 'json',
      ...(ask.body !== undefined && { data: ask.body }),
      success: ({ statusCode, data, header }) => {
        noteServerDate(header)
        const answer = readAnswer(statusCode, data, header)
        if (answer instanceof ApiFailure) reject(answer)
        else resolve(answer.data)
      },
      // Time-out or no connection: whether the server acted is unknown.
      fail: ({ errMsg }) => reject(new ApiFailure({ code: 'NO_ANSWER', retry: 'same', message: errMsg })),
    })
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Sends one file as the member `file` of a form, and never repeats it. */
export const exchangeFile = async (ask: FileAsk): Promise<unknown> => {
  const url = baseUrl() + ask.path
  return new Promise((resolve, reject) => {
    const task = wx.uploadFile({
      url,
      name: 'file',
      filePath: ask.filePath,
      header: ask.header,
      timeout: ask.timeoutMs,
      success: ({ statusCode, data }) => {
        // wx.uploadFile gives the answer as the text it is, and no headers.
        const answer = readAnswer(statusCode, parse(data), {})
        if (answer instanceof ApiFailure) reject(answer)
        else resolve(answer.data)
      },
      fail: ({ errMsg }) => reject(new ApiFailure({ code: 'NO_ANSWER', retry: 'same', message: errMsg })),
    })
    const { onProgress } = ask
    if (onProgress !== undefined) task.onProgressUpdate(({ progress }) => onProgress(progress))
    ask.onStart?.(() => task.abort())
  })
}
