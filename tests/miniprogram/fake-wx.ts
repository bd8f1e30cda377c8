/** @module A `wx` whose network answers are scripted and whose storage is a map. */

interface Answer {
  readonly statusCode: number
  readonly data: unknown
  readonly header?: Record<string, string>
  /** Time on the way; at once when absent. */
  readonly afterMs?: number
}

export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly header: Record<string, string>
  readonly data: unknown
}

type Reply = Answer | 'no answer'
/** Answers by "METHOD /path"; a list is used up one by one, its last stays. */
export type Script = Record<string, Reply | Reply[] | ((request: SentRequest) => Reply)>

export const ok = (data: unknown, header?: Record<string, string>): Answer => ({
  statusCode: 200,
  data: { ok: true, data },
  ...(header && { header }),
})

/** The same answer, later. */
export const after = (afterMs: number, answer: Answer): Answer => ({ ...answer, afterMs })

export const refused = (statusCode: number, code: string, header?: Record<string, string>): Answer => ({
  statusCode,
  data: { ok: false, error: { code, message: code, retry: 'no', requestId: 'r1' } },
  ...(header && { header }),
})

interface Callbacks {
  readonly success?: (result: unknown) => void
  readonly fail?: (result: { errMsg: string }) => void
}

/** What WeChat's own sheets answer, and what was asked of them. */
export interface FakeAlbum {
  /** The pictures the shopper would choose; a text fails the call with it. */
  chosen: readonly { readonly tempFilePath: string; readonly size: number }[] | string
  compressesTo: string | null
  readonly asked: unknown[]
  readonly opened: unknown[]
}

/** What a person answers when they are asked for leave to send messages. */
export interface FakeSubscriptions {
  answer: 'accept' | 'reject' | { readonly errMsg: string; readonly errCode?: number }
  readonly asked: unknown[]
}

const hasMessage = (value: object): value is { errMsg: string } => 'errMsg' in value

export const createFakeWx = (script: Script) => {
  const sent: SentRequest[] = []
  const storage = new Map<string, unknown>()
  const platform = { envVersion: 'develop', loginFails: false, logins: 0 }
  const album: FakeAlbum = { chosen: [], compressesTo: null, asked: [], opened: [] }
  const subscriptions: FakeSubscriptions = { answer: 'accept', asked: [] }
  const cashier = { answer: { errMsg: 'requestPayment:ok' } as { errMsg: string }, seen: [] as unknown[] }

  const replyTo = (request: SentRequest): Reply => {
    const scripted = script[`${request.method} ${request.path}`]
    if (scripted === undefined) return refused(404, 'NOT_FOUND')
    if (typeof scripted === 'function') return scripted(request)
    if (!Array.isArray(scripted)) return scripted
    const next = scripted.length > 1 ? scripted.shift() : scripted[0]
    return next ?? 'no answer'
  }

  const wx = {
    getAccountInfoSync: () => ({ miniProgram: { envVersion: platform.envVersion } }),
    login: ({ success, fail }: Callbacks) => {
      platform.logins += 1
      if (platform.loginFails) fail?.({ errMsg: 'login:fail timeout' })
      else success?.({ code: `code-${platform.logins}` })
    },
    request: (
      options: Callbacks & { url: string; method: string; header: Record<string, string>; data?: unknown },
    ) => {
      const request: SentRequest = {
        method: options.method,
        url: options.url,
        path: options.url.replace(/^https?:\/\/[^/]+/, ''),
        header: options.header,
        data: options.data,
      }
      sent.push(request)
      const reply = replyTo(request)
      const arrive = () => {
        if (reply === 'no answer') options.fail?.({ errMsg: 'request:fail timeout' })
        else options.success?.({ header: {}, ...reply })
      }
      if (reply !== 'no answer' && reply.afterMs !== undefined) setTimeout(arrive, reply.afterMs)
      else queueMicrotask(arrive)
    },
    chooseMedia: (options: Callbacks & Record<string, unknown>) => {
      const { success, fail, ...asked } = options
      album.asked.push(asked)
      if (typeof album.chosen === 'string') fail?.({ errMsg: album.chosen })
      else
        success?.({
          errMsg: 'chooseMedia:ok',
          type: 'image',
          tempFiles: album.chosen.map((file) => ({ ...file, fileType: 'image' })),
        })
    },
    compressImage: ({ success, fail }: Callbacks) => {
      if (album.compressesTo === null) fail?.({ errMsg: 'compressImage:fail' })
      else success?.({ errMsg: 'compressImage:ok', tempFilePath: album.compressesTo })
    },
    previewImage: (options: unknown) => {
      album.opened.push(options)
    },
    uploadFile: (
      options: Callbacks & { url: string; filePath: string; name: string; header: Record<string, string> },
    ) => {
      const request: SentRequest = {
        method: 'POST',
        url: options.url,
        path: options.url.replace(/^https?:\/\/[^/]+/, ''),
        header: options.header,
        data: { name: options.name, filePath: options.filePath },
      }
      sent.push(request)
      const reply = replyTo(request)
      let listener: (event: { progress: number }) => void = () => {}
      let isOver = false
      const end = (finish: () => void) => {
        if (isOver) return
        isOver = true
        finish()
      }
      const arrive = () =>
        end(() => {
          if (reply === 'no answer') options.fail?.({ errMsg: 'uploadFile:fail timeout' })
          else options.success?.({ statusCode: reply.statusCode, data: JSON.stringify(reply.data) })
        })
      queueMicrotask(() => listener({ progress: 40 }))
      if (reply !== 'no answer' && reply.afterMs !== undefined) setTimeout(arrive, reply.afterMs)
      else queueMicrotask(arrive)
      return {
        onProgressUpdate: (listen: typeof listener) => {
          listener = listen
        },
        abort: () => end(() => options.fail?.({ errMsg: 'uploadFile:fail abort' })),
      }
    },
    requestSubscribeMessage: (options: Callbacks & { tmplIds: readonly string[] }) => {
      subscriptions.asked.push([...options.tmplIds])
      const { answer } = subscriptions
      queueMicrotask(() => {
        if (typeof answer === 'object') options.fail?.(answer)
        else
          options.success?.({
            errMsg: 'requestSubscribeMessage:ok',
            ...Object.fromEntries(options.tmplIds.map((id) => [id, answer])),
          })
      })
    },
    requestPayment: (options: Callbacks) => {
      cashier.seen.push(options)
      const answer: object = cashier.answer
      if (hasMessage(answer) && answer.errMsg.endsWith('ok')) options.success?.(answer)
      else if (hasMessage(answer)) options.fail?.(answer)
    },
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => storage.set(key, JSON.parse(JSON.stringify(value))),
    removeStorageSync: (key: string) => storage.delete(key),
  }
  return { wx, sent, storage, platform, cashier, album, subscriptions }
}
