/**
 * @module A proxy for clients that have WeChat's host names built in: CONNECT to one of them ends at the sandbox.
 */
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** The host, its backup, and the pair that wechatpay-java fails over to (双域名容灾). */
export const PAY_HOSTS = [
  'api.mch.weixin.qq.com',
  'api2.mch.weixin.qq.com',
  'api.wechatpay.cn',
  'api2.wechatpay.cn',
]
export const API_HOST = 'api.weixin.qq.com'

/** Leads nowhere but to the sandbox's own two ports: whatever else is asked for is refused. */
export function answerConnect(
  request: IncomingMessage,
  socket: Duplex,
  ports: { readonly port: number; readonly apiPort: number },
): void {
  // A client that gives up midway must not take the sandbox with it.
  socket.on('error', () => socket.destroy())
  const [host = '', asked = ''] = (request.url ?? '').split(':')
  const port = PAY_HOSTS.includes(host) ? ports.port : host === API_HOST ? ports.apiPort : undefined
  if (port === undefined || asked !== '443') {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return
  }
  // The server may listen on one address only: this connection's own is one it does.
  const local = request.socket.localAddress ?? '127.0.0.1'
  const inner = connect(port, local, () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    inner.pipe(socket).pipe(inner)
  })
  inner.on('error', () => socket.destroy())
  inner.on('close', () => socket.destroy())
  socket.on('close', () => inner.destroy())
}
