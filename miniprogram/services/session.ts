/** @module Who we are to our server: signed in once through wx.login, shared by everybody who asks meanwhile. */
import { ApiFailure } from './api-failure'

export interface SessionPorts {
  /** Exchanges a code of wx.login for a token. */
  readonly exchange: (code: string) => Promise<string>
}

export interface Session {
  /** The token, signing in first if there is none. Concurrent callers share one sign-in. */
  readonly token: () => Promise<string>
  /** Drops a token that the server refused. A newer one stays. */
  readonly forget: (refused: string) => void
}

const loginCode = (): Promise<string> =>
  new Promise((resolve, reject) => {
    wx.login({
      success: ({ code }) => resolve(code),
      fail: ({ errMsg }) =>
        reject(new ApiFailure({ code: 'SIGN_IN_FAILED', retry: 'later', message: errMsg })),
    })
  })

/** The token is kept in memory alone: a phone that changes hands keeps no key to somebody's orders. */
export const createSession = ({ exchange }: SessionPorts): Session => {
  let signingIn: Promise<string> | null = null
  let current: string | null = null

  const signIn = async (): Promise<string> => {
    try {
      current = await exchange(await loginCode())
      return current
    } finally {
      signingIn = null
    }
  }

  return {
    token: async () => {
      if (current !== null) return current
      signingIn ??= signIn()
      return signingIn
    },
    forget: (refused) => {
      if (current === refused) current = null
    },
  }
}
