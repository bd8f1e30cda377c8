/** @module The OpenAPI document, generated from the contract. */
import { API_ERRORS, type CallName, LIMITS, ROUTES, type Route } from '@yuanlu/contract'
import { CALLS, ledgerEntry } from '@yuanlu/contract/schemas'
import { PAYMENT_NOTIFY_PATH, REFUND_NOTIFY_PATH } from '@yuanlu/gateway-wechat'
import * as z from 'zod/mini'

type Json = { [key: string]: unknown }

/** The OpenAPI 3.1 document of everything that is served: to the mini-program, to operators and to WeChat Pay. */
export const openApiDocument = (): Json => {
  const components: Json = {}
  const schemaOf = (schema: z.core.$ZodType): unknown => {
    const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    for (const [name, definition] of Object.entries($defs ?? {})) components[name] = withoutId(definition)
    return rewriteRefs(withoutId(rest))
  }
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries(ROUTES) as [CallName, Route][]) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, schemaOf) }
  }
  Object.assign(paths, operationsPaths(schemaOf), notificationPaths())
  return {
    openapi: '3.1.0',
    info: {
      title: 'Yuanlu 原路',
      version: '1',
      description:
        'Pay and refund for WeChat mini-programs. Money is integer fen; instants are ISO 8601 UTC.',
    },
    paths,
    components: {
      schemas: { ...rewriteRefs(components), Error: errorSchema() },
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer' },
        jobs: { type: 'http', scheme: 'bearer', description: 'JOBS_TOKEN' },
      },
    },
  }
}

const operation = (name: CallName, route: Route, schemaOf: (s: z.core.$ZodType) => unknown): Json => {
  const call: {
    params: z.core.$ZodType
    query: z.core.$ZodType
    body?: z.core.$ZodType
    data: z.core.$ZodType
  } = CALLS[name]
  return {
    operationId: name,
    summary: route.summary,
    security: securityOf(route),
    parameters: [
      ...parametersOf(call.params, 'path', schemaOf),
      ...parametersOf(call.query, route.signed ? 'signed query' : 'query', schemaOf),
      ...(route.idempotent
        ? [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: true,
              schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
            },
          ]
        : []),
    ],
    ...(call.body === undefined ? {} : bodyOf('application/json', schemaOf(call.body))),
    ...(route.picture === 'takes' ? bodyOf('multipart/form-data', PICTURE_FORM) : {}),
    responses:
      route.picture === 'gives'
        ? { ...answers({}), 200: { description: 'The picture.', content: PICTURES } }
        : answers(schemaOf(call.data)),
  }
}

/** A token beside a signed address is looked at, but not needed. */
const securityOf = ({ caller, signed }: Route): Json[] => {
  if (caller === 'anyone') return []
  return signed ? [{}, { session: [] }] : [{ session: [] }]
}

const bodyOf = (mediaType: string, schema: unknown): Json => ({
  requestBody: { required: true, content: { [mediaType]: { schema } } },
})

const PICTURE = { type: 'string', contentMediaType: 'image/*' }
const PICTURES = { 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} }
const PICTURE_FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: { ...PICTURE, description: `JPEG, PNG or WebP, at most ${LIMITS.uploadBytes} bytes` } },
  additionalProperties: false,
}

const operationsPaths = (schemaOf: (s: z.core.$ZodType) => unknown): Record<string, Json> => {
  const ran = z.strictObject({ ran: z.record(z.string(), z.int()) })
  const ledger = z.strictObject({ entries: z.array(ledgerEntry), nextAfter: z.int() })
  const jobs = [{ jobs: [] }]
  return {
    '/openapi.json': {
      get: {
        operationId: 'describe',
        summary: 'This document.',
        security: [],
        responses: {
          200: {
            description: 'OpenAPI 3.1.',
            content: { 'application/json': { schema: { type: 'object', required: ['openapi', 'paths'] } } },
          },
          default: REFUSED,
        },
      },
    },
    '/healthz': {
      get: {
        operationId: 'health',
        summary: 'The process is up and reaches its database.',
        security: [],
        responses: answers(schemaOf(z.strictObject({ status: z.literal('ok') }))),
      },
    },
    '/internal/tick': {
      post: {
        operationId: 'tick',
        summary: 'Run every job that is due, at most 1,000 items.',
        security: jobs,
        responses: answers(schemaOf(ran)),
      },
    },
    '/internal/ledger': {
      get: {
        operationId: 'ledger',
        summary: 'The append-only money journal. The fen of one cause sum to zero.',
        security: jobs,
        parameters: [
          { name: 'after', in: 'query', required: false, schema: { type: 'integer', default: 0 } },
        ],
        responses: answers(schemaOf(ledger)),
      },
    },
  }
}

/** What WeChat Pay calls. Its answers are its own, not our envelope. */
const notificationPaths = (): Record<string, Json> => ({
  [PAYMENT_NOTIFY_PATH]: { post: notification('notifyPayment', 'A payment was made.') },
  [REFUND_NOTIFY_PATH]: { post: notification('notifyRefund', 'A refund came to its end.') },
})

const notification = (operationId: string, news: string): Json => ({
  operationId,
  summary: `For WeChat Pay alone: ${news} JSON is APIv3, signed in its headers; XML is APIv2.`,
  security: [],
  parameters: ['Timestamp', 'Nonce', 'Serial', 'Signature'].map((part) => ({
    name: `Wechatpay-${part}`,
    in: 'header',
    required: false,
    description: 'Required under APIv3.',
    schema: { type: 'string' },
  })),
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { type: 'object', required: ['id', 'event_type', 'resource'] } },
      'text/xml': { schema: { type: 'string' } },
    },
  },
  responses: {
    200: {
      description: 'APIv2: recorded when `return_code` is SUCCESS, refused or not recorded when it is FAIL.',
      content: { 'text/xml': { schema: { type: 'string' } } },
    },
    204: { description: 'APIv3: recorded.' },
    401: failedNotification('APIv3: not a genuine notification to this merchant.'),
    500: failedNotification('APIv3: not recorded; to be sent again.'),
    default: REFUSED,
  },
})

const failedNotification = (description: string): Json => ({
  description,
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { const: 'FAIL' }, message: { type: 'string' } },
        additionalProperties: false,
      },
    },
  },
})

const parametersOf = (
  schema: z.core.$ZodType,
  where: 'path' | 'query' | 'signed query',
  schemaOf: (s: z.core.$ZodType) => unknown,
): Json[] => {
  if (!(schema instanceof z.ZodMiniObject)) return []
  return Object.entries(schema.shape).map(([name, member]) => ({
    name,
    in: where === 'path' ? 'path' : 'query',
    required: where !== 'query',
    schema: schemaOf(member instanceof z.ZodMiniOptional ? member.def.innerType : member),
  }))
}

const answers = (data: unknown): Json => ({
  200: {
    description: 'Done.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['ok', 'data'],
          properties: { ok: { const: true }, data },
          additionalProperties: false,
        },
      },
    },
  },
  default: REFUSED,
})

const REFUSED: Json = {
  description: 'Refused; `error.code` says why and `error.retry` what repeating would do.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

const errorSchema = (): Json => ({
  type: 'object',
  required: ['ok', 'error'],
  properties: {
    ok: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message', 'retry', 'requestId'],
      properties: {
        code: { enum: Object.keys(API_ERRORS) },
        message: { type: 'string' },
        retry: { enum: ['no', 'same', 'later'] },
        requestId: { type: 'string' },
        details: { type: 'object' },
      },
    },
  },
})

const withoutId = (schema: object): object =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'id' && key !== '$schema'))

/** Definitions move to components; references follow. */
const rewriteRefs = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'))
