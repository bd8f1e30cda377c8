/**
 * @module Takes the signatures out of what the console shows: what was lost on its way could still be sent on by anyone who
 *   has it whole.
 */
import type { NotificationDetail, RequestDetail } from './console-details.ts'

const HIDDEN = '…'

export function requestWithoutSignatures(request: RequestDetail): RequestDetail {
  const { headers, body, answer } = request
  const { authorization } = headers
  return {
    ...request,
    headers:
      authorization === undefined
        ? headers
        : {
            ...headers,
            authorization: authorization.replace(/\bsignature="[^"]*"/g, `signature="${HIDDEN}"`),
          },
    body: xmlWithoutSignatures(body),
    answer: answer && {
      ...answer,
      headers: headersWithoutSignature(answer.headers),
      body: xmlWithoutSignatures(answer.body),
    },
  }
}

export function notificationWithoutSignatures(notification: NotificationDetail): NotificationDetail {
  return {
    ...notification,
    attempts: notification.attempts.map((attempt) => ({
      ...attempt,
      request: {
        headers: headersWithoutSignature(attempt.request.headers),
        body: xmlWithoutSignatures(attempt.request.body),
      },
      decrypted: 'sign' in attempt.decrypted ? { ...attempt.decrypted, sign: HIDDEN } : attempt.decrypted,
    })),
  }
}

function headersWithoutSignature(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name.toLowerCase() === 'wechatpay-signature' ? HIDDEN : value,
    ]),
  )
}

// An APIv2 refund notice has no sign: the key that encrypts its req_info is what makes it genuine. What was cut off has no end.
function xmlWithoutSignatures(body: string): string {
  return body.replace(/<(sign|req_info)\s*>[\s\S]*?(<\/\1\s*>|$)/g, `<$1>${HIDDEN}</$1>`)
}
