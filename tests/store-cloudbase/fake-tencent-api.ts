/**
 * @module Tencent Cloud's API, as far as collections and indexes go: it checks every signature (TC3, 签名方法 v3) by its
 * own reading of the rules and keeps what it is told to make.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeTencentApi {
  readonly endpoint: string
  readonly tables: Map<string, { acl: string; indexes: Map<string, { keys: string; unique: boolean }> }>
  readonly calls: string[]
  /** The next call of this action is refused with this code. */
  refuseNext(action: string, code: string, message?: string): void
  close(): Promise<void>
}

interface Body {
  readonly EnvId?: string
  readonly TableName?: string
  readonly CollectionName?: string
  readonly AclTag?: string
  readonly MongoConnector?: { readonly DatabaseName: string; readonly InstanceId: string }
  readonly CreateIndexes?: readonly {
    readonly IndexName: string
    readonly MgoKeySchema: {
      readonly MgoIndexKeys: readonly { readonly Name: string; readonly Direction: string }[]
      readonly MgoIsUnique: boolean
    }
  }[]
}

class Refusal extends Error {
  readonly words: string
  constructor(code: string, words = 'refused') {
    super(code)
    this.words = words
  }
}

export const startFakeTencentApi = async (
  credentials: { readonly secretId: string; readonly secretKey: string },
  env: string,
): Promise<FakeTencentApi> => {
  const tables: FakeTencentApi['tables'] = new Map()
  const calls: string[] = []
  const refusals: { action: string; code: string; message: string | undefined }[] = []
  const table = (name = '') => {
    const found = tables.get(name)
    if (found === undefined) throw new Refusal('ResourceNotFound')
    return found
  }
  const answer = (action: string, body: Body): object => {
    calls.push(`${action} ${body.TableName ?? body.CollectionName ?? ''}`.trim())
    if (body.EnvId !== env) throw new Refusal('InvalidParameter.EnvId')
    const at = refusals.findIndex((refusal) => refusal.action === action)
    const refused = at === -1 ? undefined : refusals.splice(at, 1)[0]
    if (refused !== undefined) throw new Refusal(refused.code, refused.message)
    switch (action) {
      case 'DescribeEnvs':
        return { EnvList: [{ EnvId: env, Databases: [{ InstanceId: 'tnt-1' }] }] }
      case 'DescribeDatabaseACL':
        return { AclTag: table(body.CollectionName).acl }
      case 'ModifyDatabaseACL':
        table(body.CollectionName).acl = String(body.AclTag)
        return {}
    }
    if (body.MongoConnector?.DatabaseName !== 'tnt-1' || body.MongoConnector.InstanceId !== 'flexdb')
      throw new Refusal('InvalidParameter.MongoConnector')
    switch (action) {
      case 'CreateTable':
        tables.set(String(body.TableName), { acl: 'PRIVATE', indexes: new Map() })
        return {}
      case 'DescribeTable': {
        const indexes = [...table(body.TableName).indexes].map(([Name, { keys, unique }]) => ({
          Name,
          Unique: unique,
          Keys: keys.split(', ').map((key) => ({ Name: key.split(' ')[0], Direction: key.split(' ')[1] })),
        }))
        return {
          Indexes: [{ Name: '_id_', Keys: [{ Name: '_id', Direction: '1' }], Unique: true }, ...indexes],
        }
      }
      case 'UpdateTable':
        for (const { IndexName, MgoKeySchema } of body.CreateIndexes ?? []) {
          const keys = MgoKeySchema.MgoIndexKeys.map(({ Name, Direction }) => `${Name} ${Direction}`).join(
            ', ',
          )
          table(body.TableName).indexes.set(IndexName, { keys, unique: MgoKeySchema.MgoIsUnique })
        }
        return {}
      default:
        throw new Refusal('InvalidAction')
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const payload = Buffer.concat(chunks).toString()
      const { headers } = request
      const said = (content: object) =>
        response.end(JSON.stringify({ Response: { ...content, RequestId: 'request' } }))
      try {
        const timestamp = Number(headers['x-tc-timestamp'])
        const date = new Date(timestamp * 1000).toISOString().slice(0, 10)
        const hash = (text: string) => createHash('sha256').update(text).digest('hex')
        const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
        const canonical = `POST\n/\n\ncontent-type:${headers['content-type']}\nhost:${headers.host}\n\ncontent-type;host\n${hash(payload)}`
        const signed = `TC3-HMAC-SHA256\n${timestamp}\n${date}/tcb/tc3_request\n${hash(canonical)}`
        const key = mac(mac(mac(`TC3${credentials.secretKey}`, date), 'tcb'), 'tc3_request')
        const expected = `TC3-HMAC-SHA256 Credential=${credentials.secretId}/${date}/tcb/tc3_request, SignedHeaders=content-type;host, Signature=${mac(key, signed).toString('hex')}`
        if (headers.authorization !== expected || headers['x-tc-version'] !== '2018-06-08')
          throw new Refusal('AuthFailure.SignatureFailure')
        said(answer(String(headers['x-tc-action']), JSON.parse(payload)))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        said({ Error: { Code: error.message, Message: error.words } })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    tables,
    calls,
    refuseNext: (action, code, message) => void refusals.push({ action, code, message }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
