/**
 * @module The https server that stands for api.weixin.qq.com: JSON with an errcode, always HTTP 200.
 */
import type { Server } from 'node:https'
import { answerApi, isApiPath } from '../api/routes.ts'
import type { Core } from '../core.ts'
import type { SentAnswer } from '../v3/answer.ts'
import { splitUrl } from '../v3/routes.ts'
import { readBody } from './body.ts'
import {
  createTlsServer,
  type Face,
  journalise,
  MAX_BODY_BYTES,
  type Served,
  send,
  serve,
  TOO_LONG,
} from './serve.ts'
import { NO_SUBJECT, type Subject, subjectOfApi } from './subject.ts'

export function createApiServer(core: Core, closing: AbortSignal): Server {
  return createTlsServer(core, async (request, response) => {
    const startedAt = performance.now()
    const { path, query } = splitUrl(request.url ?? '/')
    const body = await readBody(request, MAX_BODY_BYTES)
    const journal = (kept: Buffer, subject: Subject, served: Served) =>
      journalise(core, request, { host: 'api', protocol: 'platform', body: kept, subject, startedAt }, served)
    if (body === undefined || !isApiPath(path)) {
      const answer = { status: 404, headers: {}, body: '' }
      send(response, answer)
      // A path that isn't there is a newcomer's first mistake: it is to be seen, too.
      return journal(body ?? TOO_LONG, NO_SUBJECT, { answer, fault: null })
    }
    const face: Face = {
      subject: subjectOfApi(core, body),
      answer: () => json(attempt(core, { method: request.method ?? '', path, query, body })),
      failWith: (kind) =>
        kind === '429'
          ? json({ errcode: 45011, errmsg: 'api minute-quota reach limit' })
          : json({ errcode: -1, errmsg: 'system error' }),
    }
    const served = await serve(core, face, path, request.socket, response, closing)
    journal(body, face.subject, served)
  })
}

function attempt(core: Core, request: Parameters<typeof answerApi>[1]): Readonly<Record<string, unknown>> {
  try {
    return answerApi(core, request)
  } catch (error) {
    core.log('request.failed', { error: String(error) })
    return { errcode: -1, errmsg: 'system error' }
  }
}

function json(value: unknown): SentAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json; encoding=utf-8' },
    body: JSON.stringify(value),
  }
}
