/**
 * @module The https server that stands for api.mch.weixin.qq.com, APIv3 and APIv2 behind one door.
 */
import type { ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { Core } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import { aboutAnotherOrder, onlyTexts } from '../notify/message.ts'
import type { RefundDesk } from '../refunds/refund-desk.ts'
import { resultFail, sealV2, type V2Answer } from '../v2/answer.ts'
import { clientCertificate } from '../v2/client-certificate.ts'
import { answerV2, isV2Path, signTypeInXml, tooOften as tooOftenV2, type V2Request } from '../v2/routes.ts'
import { errorAnswer, type SentAnswer, sealV3, type V3Answer } from '../v3/answer.ts'
import type { NonceMemory, V3Request } from '../v3/authorization.ts'
import { answerV3, signerFor, splitUrl, tooOften } from '../v3/routes.ts'
import { readBody } from './body.ts'
import {
  createTlsServer,
  type Face,
  MAX_BODY_BYTES,
  send,
  serve,
  startRecord,
  systemError,
  TOO_LONG,
} from './serve.ts'
import { NO_SUBJECT, subjectOfV2, subjectOfV3 } from './subject.ts'

export function createPayServer(
  core: Core,
  desk: RefundDesk,
  nonces: NonceMemory,
  closing: AbortSignal,
): Server {
  return createTlsServer(core, async (request, response) => {
    const url = request.url ?? '/'
    const { path } = splitUrl(url)
    const record = startRecord(core, request, { host: 'pay', protocol: isV2Path(path) ? 'v2' : 'v3' })
    const body = await readBody(request, MAX_BODY_BYTES)
    if (body === undefined) {
      return record(TOO_LONG, NO_SUBJECT, { answer: refuseLongBody(core, path, response), fault: null })
    }
    const face = isV2Path(path)
      ? v2Face(core, desk, {
          method: request.method ?? '',
          path,
          body,
          certificate: clientCertificate(core, request.socket),
        })
      : v3Face(core, desk, nonces, {
          method: request.method ?? '',
          url,
          headers: request.headers,
          body,
          localHost: hostOf(request.socket),
        })
    const served = await serve(core, face, path, request.socket, response, closing)
    record(body, face.subject, served)
  })
}

function v3Face(core: Core, desk: RefundDesk, nonces: NonceMemory, request: V3Request): Face {
  const signer = signerFor(core, request)
  const seal = (answer: V3Answer, fault?: FaultRecord): SentAnswer => sealV3(core, answer, signer, fault)
  return {
    subject: subjectOfV3(core, splitUrl(request.url).path, request.body),
    answer: (fault) => {
      const answer = attempt(core, () => answerV3(core, desk, nonces, request), systemError)
      const swapped = fault?.fault === 'other-order-body' && answer.kind === 'json'
      return seal(swapped ? { ...answer, body: aboutAnotherOrder(answer.body) } : answer, fault)
    },
    failWith: (kind) => seal(kind === '500' ? systemError() : tooOften()),
  }
}

function v2Face(core: Core, desk: RefundDesk, request: V2Request): Face {
  const signType = signTypeInXml(request.body)
  const seal = (answer: V2Answer, fault?: FaultRecord): SentAnswer => sealV2(core, answer, fault)
  const broken = (): V2Answer => resultFail(signType, 'SYSTEMERROR', '系统超时')
  return {
    subject: subjectOfV2(core, request.body),
    answer: (fault) => {
      const answer = attempt(core, () => answerV2(core, desk, request), broken)
      const swapped = fault?.fault === 'other-order-body' && answer.kind === 'success'
      return seal(
        swapped ? { ...answer, members: onlyTexts(aboutAnotherOrder(answer.members)) } : answer,
        fault,
      )
    },
    failWith: (kind) => seal(kind === '500' ? broken() : tooOftenV2(signType)),
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

/** As it stands in a URL: an IPv6 address goes in brackets. */
function hostOf({ localAddress = '', localPort }: Socket): string {
  const address = localAddress.replace(/^::ffff:/, '')
  return `${isIP(address) === 6 ? `[${address}]` : address}:${localPort}`
}

function refuseLongBody(core: Core, path: string, response: ServerResponse): SentAnswer {
  // Where the rest of the body is still on its way, the connection can't be used again.
  if (!response.req.complete) response.setHeader('Connection', 'close')
  const answer = isV2Path(path)
    ? sealV2(core, { kind: 'return-fail', message: 'XML格式错误' }, undefined)
    : sealV3(core, errorAnswer(413, 'PARAM_ERROR', '请求包体过大'), 'certificate', undefined)
  send(response, answer)
  return answer
}
