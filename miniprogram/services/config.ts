/** @module Where our server is, by the version of the mini-program that runs. */

/** Fill in before uploading: the https origin of `npm run serve`, listed under 服务器域名 (request and uploadFile) at mp.weixin.qq.com. */
const TRIAL_API_BASE_URL = ''
const RELEASE_API_BASE_URL = ''

const API_BASE_URLS = {
  develop: 'http://127.0.0.1:8080',
  trial: TRIAL_API_BASE_URL,
  release: RELEASE_API_BASE_URL,
} as const

/**
 * The origin that every call goes to, without a slash at its end.
 *
 * @throws Error naming the constant to fill in, while it is empty
 */
export const apiBaseUrl = (): string => {
  const { envVersion } = wx.getAccountInfoSync().miniProgram
  const url: string = API_BASE_URLS[envVersion]
  if (url === '') {
    throw new Error(
      `${envVersion.toUpperCase()}_API_BASE_URL in miniprogram/services/config.ts is empty: fill in the https origin of the backend`,
    )
  }
  return url.replace(/\/$/, '')
}
