/** @module The command `wxpay`: a doctor for the configuration, and the tools of a support case. */
import { type CommandIo, UsageError } from './cli/command.ts'
import { doctor } from './cli/doctor.ts'
import { decrypt, sign, verify } from './cli/support.ts'
import { WxpayError } from './errors.ts'
import { version } from './version.ts'

const usage = `wxpay ${version}: WeChat Pay (微信支付) from the command line

  wxpay doctor [--env-file FILE] [--offline]
      Checks keys, certificates, addresses, the clock and a harmless signed call, and says what to do about each finding.
  wxpay verify BODY [--headers FILE] [--at SECONDS]
      Whether a notification or an answer is genuine. v3 needs its headers ("Name: value" lines or JSON); --at is the time
      it arrived, for old ones. v2 is XML and carries its own sign.
  wxpay decrypt BODY
      What an encrypted notification says (v3 resource, v2 req_info). It prints personal data, and proves nothing.
  wxpay sign v3 --method POST --path /v3/… [BODY] [--timestamp SECONDS] [--nonce TEXT]
  wxpay sign v2 MEMBERS.json
      The exact text that is signed, and its signature, to be held against WeChat's checker (签名验证工具).

BODY is a file, or - for standard input. The configuration comes from the environment, or from --env-file:
  WX_APPID  WXPAY_MCHID  WXPAY_V2_KEY  WXPAY_V2_SIGN_TYPE  WXPAY_V3_KEY  WXPAY_CERT_FILE  WXPAY_KEY_FILE
  WXPAY_PUBLIC_KEY_ID  WXPAY_PUBLIC_KEY_FILE  WXPAY_PLATFORM_CERT_FILE  WXPAY_BASE_URL  WXPAY_CA_FILE  NOTIFY_BASE_URL
No key is ever printed. The exit code is 0 when all is well, 1 when it is not, 2 when nothing could be looked at.
`

const commands: Readonly<Record<string, (args: readonly string[], io: CommandIo) => Promise<boolean>>> = {
  doctor,
  verify,
  decrypt,
  sign,
}

/** Runs one command; resolves to its exit code: 0 when all is well, 1 when not, 2 when it was called or configured wrongly. */
export async function main(args: readonly string[], io: CommandIo = processIo): Promise<number> {
  const [name = 'help', ...rest] = args
  if (['help', '--help', '-h'].includes(name)) {
    io.print(usage)
    return 0
  }
  if (['--version', '-v', 'version'].includes(name)) {
    io.print(version)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  try {
    if (command === undefined) throw new UsageError(`there is no command ${name}; wxpay help lists them`)
    return (await command(rest, io)) ? 0 : 1
  } catch (error) {
    if (error instanceof UsageError) io.complain(`wxpay: ${error.message}`)
    else if (error instanceof WxpayError) io.complain(`wxpay: ${error.code}: ${error.message}`)
    else throw error
    // Never 1: that would be the word that something is not genuine.
    return 2
  }
}

const processIo: CommandIo = {
  env: process.env,
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  clock: Date.now,
}
