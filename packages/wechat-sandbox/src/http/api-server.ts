/**
 * @module The https server that stands for api.weixin.qq.com: JSON with an errcode, always HTTP 200.
 */
import type { Server } from 'node:https'
import { answerApi, isApiPath } from '../api/routes.ts'
import type { Core } from '../core.ts'
import type { SentAnswer } from '../v3/answer.ts'
import { splitUrl } from '../v3/routes.ts'
import { readBody } from './body.ts'
import { createTlsServer, type Face, MAX_BODY_BYTES, send, serve, startRecord, TOO_LONG } from './serve.ts'
import { NO_SUBJECT, subjectOfApi } from './subject.ts'

export function createApiServer(core: Core, closing: AbortSignal): Server {
  return createTlsServer(core, async (request, response) => {
    const { path, query } = splitUrl(request.url ?? '/')
    const record = startRecord(core, request, { host: 'api', protocol: 'platform' })
    const body = await readBody(request, MAX_BODY_BYTES)
    if (body === undefined || !isApiPath(path)) {
      const answer = { status: 404, headers: {}, body: '' }
      send(response, answer)
      // A path that isn't there is a newcomer's first mistake: it is to be seen, too.
      return record(body ?? TOO_LONG, NO_SUBJECT, { answer, fault: null })
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
    record(body, face.subject, served)
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
