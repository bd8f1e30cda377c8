/**
 * @module The https servers that stand for api.mch.weixin.qq.com and api.weixin.qq.com, and the faults they show.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { codeToSession } from '../api/code2session.ts'
import type { Core } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import { isRecord, parseJson } from '../json.ts'
import { aboutAnotherOrder } from '../notify/message.ts'
import { pause } from '../notify/notifier.ts'
import { resultFail, sealV2, type V2Answer } from '../v2/answer.ts'
import { answerV2, isV2Path, outTradeNoInXml, signTypeInXml } from '../v2/routes.ts'
import { errorAnswer, type SentAnswer, sealV3, type V3Answer } from '../v3/answer.ts'
import type { NonceMemory, V3Request } from '../v3/authorization.ts'
import { answerV3, outTradeNoIn, signerFor, splitUrl } from '../v3/routes.ts'
import { readBody } from './body.ts'
import { SERVER_LIMITS } from './listen.ts'

const MAX_BODY_BYTES = 256 * 1024

/** One protocol's way to answer: normally, with an error a fault asks for, and when something broke here. */
interface Face {
  readonly outTradeNo: string | undefined
  readonly answer: (fault: FaultRecord | undefined) => SentAnswer
  readonly failWith: (kind: '500' | '429') => SentAnswer
}

export function createPayServer(core: Core, nonces: NonceMemory, closing: AbortSignal): Server {
  return createTlsServer(core, async (request, response) => {
    const url = request.url ?? '/'
    const { path } = splitUrl(url)
    const body = await readBody(request, MAX_BODY_BYTES)
    if (body === undefined) return refuseLongBody(core, path, response)
    const face = isV2Path(path)
      ? v2Face(core, { method: request.method ?? '', path, body })
      : v3Face(core, nonces, { method: request.method ?? '', url, headers: request.headers, body })
    await serve(core, face, path, request.socket, response, closing)
  })
}

/** Stands for api.weixin.qq.com. */
export function createApiServer(core: Core, closing: AbortSignal): Server {
  return createTlsServer(core, async (request, response) => {
    const { path, query } = splitUrl(request.url ?? '/')
    const body = await readBody(request, MAX_BODY_BYTES)
    const json = (value: unknown): SentAnswer => ({
      status: 200,
      headers: { 'Content-Type': 'application/json; encoding=utf-8' },
      body: JSON.stringify(value),
    })
    if (body === undefined || path !== '/sns/jscode2session')
      return send(response, { status: 404, headers: {}, body: '' })
    const face: Face = {
      outTradeNo: undefined,
      answer: () => json(codeToSession(core, request.method ?? '', query)),
      failWith: (kind) =>
        kind === '429'
          ? json({ errcode: 45011, errmsg: 'api minute-quota reach limit' })
          : json({ errcode: -1, errmsg: 'system error' }),
    }
    await serve(core, face, path, request.socket, response, closing)
  })
}

function createTlsServer(
  core: Core,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const { identity } = core
  const server = createServer(
    {
      key: identity.serverKeyPem,
      cert: identity.serverCertPem,
      minVersion: 'TLSv1.2',
      // Asked for, not required: the calls that need the merchant's certificate look at it themselves.
      requestCert: true,
      rejectUnauthorized: false,
      ca: identity.merchantCaPem,
      ...SERVER_LIMITS,
    },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        core.log('request.failed', { error: String(error) })
        if (response.headersSent || request.socket.destroyed) request.socket.destroy()
        else send(response, sealV3(core, systemError(), 'certificate', undefined))
      })
    },
  )
  server.on('tlsClientError', () => {})
  return server
}

async function serve(
  core: Core,
  face: Face,
  path: string,
  socket: Socket,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const fault = core.faults.take('request', { path, outTradeNo: face.outTradeNo })
  if (fault === undefined) return send(response, face.answer(undefined))
  core.log('fault.struck', { fault: fault.fault, path })
  switch (fault.fault) {
    case 'drop-before':
      socket.destroy()
      return
    case 'apply-then-drop':
      face.answer(undefined)
      socket.destroy()
      return
    case 'reset': {
      const answer = face.answer(undefined)
      if (answer.body === '') {
        socket.destroy()
        return
      }
      response.writeHead(answer.status, {
        ...answer.headers,
        'Content-Length': Buffer.byteLength(answer.body),
      })
      response.write(answer.body.slice(0, Math.ceil(answer.body.length / 2)), () => socket.destroy())
      return
    }
    case '500':
    case '429':
      if (fault.applied) face.answer(undefined)
      return send(response, face.failWith(fault.fault))
    case 'delay': {
      if (!fault.applied) await pause(fault.ms, closing)
      const answer = face.answer(undefined)
      if (fault.applied) await pause(fault.ms, closing)
      return send(response, answer)
    }
    default:
      return send(response, face.answer(fault))
  }
}

function v3Face(core: Core, nonces: NonceMemory, request: V3Request): Face {
  const signer = signerFor(core, request)
  const seal = (answer: V3Answer, fault?: FaultRecord): SentAnswer => sealV3(core, answer, signer, fault)
  return {
    outTradeNo: outTradeNoIn(request.url) ?? outTradeNoInJson(request.body),
    answer: (fault) => {
      const answer = attempt(core, () => answerV3(core, nonces, request), systemError)
      const swapped = fault?.fault === 'other-order-body' && answer.kind === 'json'
      return seal(swapped ? { ...answer, body: aboutAnotherOrder(answer.body) } : answer, fault)
    },
    failWith: (kind) =>
      seal(
        kind === '500'
          ? systemError()
          : errorAnswer(429, 'FREQUENCY_LIMITED', '频率超限，请降低请求接口频率'),
      ),
  }
}

function v2Face(core: Core, request: { method: string; path: string; body: Buffer }): Face {
  const signType = signTypeInXml(request.body)
  const seal = (answer: V2Answer, fault?: FaultRecord): SentAnswer => sealV2(core, answer, fault)
  const broken = (): V2Answer => resultFail(signType, 'SYSTEMERROR', '系统超时')
  return {
    outTradeNo: outTradeNoInXml(request.body),
    answer: (fault) => {
      const answer = attempt(core, () => answerV2(core, request), broken)
      const swapped = fault?.fault === 'other-order-body' && answer.kind === 'success'
      return seal(
        swapped ? { ...answer, members: onlyTexts(aboutAnotherOrder(answer.members)) } : answer,
        fault,
      )
    },
    failWith: (kind) =>
      seal(kind === '500' ? broken() : resultFail(signType, 'FREQUENCY_LIMITED', '频率限制，请降低请求频率')),
  }
}

/** A bug or a full disk here must look like the real service having one: a SYSTEM_ERROR, never a crash. */
function attempt<T>(core: Core, decide: () => T, broken: () => T): T {
  try {
    return decide()
  } catch (error) {
    core.log('request.failed', { error: String(error) })
    return broken()
  }
}

function systemError(): V3Answer {
  return errorAnswer(500, 'SYSTEM_ERROR', '系统异常，请稍后重试')
}

function outTradeNoInJson(body: Buffer): string | undefined {
  const json = parseJson(body)
  const outTradeNo = isRecord(json) ? json.out_trade_no : undefined
  return typeof outTradeNo === 'string' ? outTradeNo : undefined
}

function onlyTexts(members: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const texts: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'string' || typeof value === 'number') texts[name] = value
  }
  return texts
}

function refuseLongBody(core: Core, path: string, response: ServerResponse): void {
  // The rest of the body is still on its way: the connection can't be used again.
  response.setHeader('Connection', 'close')
  const answer = isV2Path(path)
    ? sealV2(core, { kind: 'return-fail', message: 'XML格式错误' }, undefined)
    : sealV3(core, errorAnswer(413, 'PARAM_ERROR', '请求包体过大'), 'certificate', undefined)
  send(response, answer)
}

function send(response: ServerResponse, { status, headers, body }: SentAnswer): void {
  response.writeHead(status, {
    Server: 'nginx',
    ...headers,
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  })
  response.end(body)
}
