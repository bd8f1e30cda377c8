/**
 * @module Whether a TLS client showed the merchant's own certificate (商户API证书), as the v2 refund call demands.
 */
import { TLSSocket } from 'node:tls'
import type { Core } from '../core.ts'

export type ClientCertificate = 'ours' | 'foreign' | 'none'

/** TLS has proven that the client holds the key; what is left to ask is whether the certificate is this merchant's. */
export function clientCertificate({ identity }: Core, socket: unknown): ClientCertificate {
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (shown === undefined) return 'none'
  return shown.fingerprint256 === identity.merchantFingerprint ? 'ours' : 'foreign'
}

/** What the nginx in front of the real service says when there is none. */
export const NO_CERTIFICATE_PAGE = `<html>
<head><title>400 No required SSL certificate was sent</title></head>
<body>
<center><h1>400 Bad Request</h1></center>
<center>No required SSL certificate was sent</center>
<hr><center>nginx</center>
</body>
</html>
`
