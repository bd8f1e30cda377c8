/**
 * @module The keys in the form six SDKs want them, to copy from the console.
 */
import type { SandboxInfo } from '../sandbox.ts'

export interface SdkSettings {
  readonly name: string
  readonly language: string
  readonly text: string
}

export function sdkSettings(info: SandboxInfo): SdkSettings[] {
  const { baseUrl, controlUrl, mchid, appid, v3Key, v2Key, serialNo, keyFile, certFile } = info
  const { publicKeyId, publicKeyFile, caFile, apiBaseUrl, appSecret } = info
  const proxy = new URL(controlUrl)
  return [
    {
      name: 'Environment (原路 backend)',
      language: 'sh',
      text: [
        `WX_APPID=${appid}`,
        `WX_APPSECRET=${appSecret}`,
        `WX_API_BASE=${apiBaseUrl}`,
        `WXPAY_MCHID=${mchid}`,
        `WXPAY_BASE_URL=${baseUrl}`,
        `WXPAY_V3_KEY=${v3Key}`,
        `WXPAY_V2_KEY=${v2Key}`,
        `WXPAY_CERT_FILE=${certFile}`,
        `WXPAY_KEY_FILE=${keyFile}`,
        `WXPAY_PUBLIC_KEY_ID=${publicKeyId}`,
        `WXPAY_PUBLIC_KEY_FILE=${publicKeyFile}`,
        `NODE_EXTRA_CA_CERTS=${caFile}`,
      ].join('\n'),
    },
    {
      name: 'Node.js (wechatpay-axios-plugin)',
      language: 'js',
      text: `// NODE_EXTRA_CA_CERTS=${caFile}
const wxpay = new Wechatpay({
  mchid: '${mchid}',
  serial: '${serialNo}',
  privateKey: 'file://${keyFile}',
  certs: { '${publicKeyId}': 'file://${publicKeyFile}' },
  secret: '${v2Key}',
  baseURL: '${baseUrl}/',
  headers: { 'Wechatpay-Serial': '${publicKeyId}' },
})`,
    },
    {
      name: 'Java (wechatpay-java)',
      language: 'java',
      text: `// keytool -importcert -noprompt -alias sandbox -file ${caFile} -keystore sandbox.p12 -storetype PKCS12 -storepass changeit
// java -Dhttps.proxyHost=${proxy.hostname.replace(/^\[|\]$/g, '')} -Dhttps.proxyPort=${proxy.port} -Djavax.net.ssl.trustStore=sandbox.p12 \\
//   -Djavax.net.ssl.trustStorePassword=changeit …
RSAPublicKeyConfig config = new RSAPublicKeyConfig.Builder()
    .merchantId("${mchid}")
    .privateKeyFromPath("${keyFile}")
    .merchantSerialNumber("${serialNo}")
    .publicKeyFromPath("${publicKeyFile}")
    .publicKeyId("${publicKeyId}")
    .apiV3Key("${v3Key}")
    .build();`,
    },
    {
      name: 'Go (wechatpay-go)',
      language: 'go',
      text: `// HTTPS_PROXY=${controlUrl} SSL_CERT_FILE=${caFile} go run .
privateKey, err := utils.LoadPrivateKeyWithPath("${keyFile}")
publicKey, err := utils.LoadPublicKeyWithPath("${publicKeyFile}")
client, err := core.NewClient(ctx, option.WithWechatPayPublicKeyAuthCipher(
	"${mchid}", "${serialNo}", privateKey, "${publicKeyId}", publicKey))
handler, err := notify.NewRSANotifyHandler(
	"${v3Key}", verifiers.NewSHA256WithRSAPubkeyVerifier("${publicKeyId}", *publicKey))`,
    },
    {
      name: 'PHP (wechatpay-php)',
      language: 'php',
      text: `$instance = Builder::factory([
    'mchid'      => '${mchid}',
    'serial'     => '${serialNo}',
    'privateKey' => Rsa::from('file://${keyFile}', Rsa::KEY_TYPE_PRIVATE),
    'certs'      => ['${publicKeyId}' => Rsa::from('file://${publicKeyFile}', Rsa::KEY_TYPE_PUBLIC)],
    'secret'     => '${v2Key}',
    'merchant'   => ['key' => '${keyFile}', 'cert' => '${certFile}'],
    'base_uri'   => '${baseUrl}/',
    'verify'     => '${caFile}',
    'headers'    => ['Wechatpay-Serial' => '${publicKeyId}'],
]);`,
    },
    {
      name: 'Python (wechatpayv3)',
      language: 'py',
      text: `# HTTPS_PROXY=${controlUrl} REQUESTS_CA_BUNDLE=${caFile} python3 shop.py
wxpay = WeChatPay(
    wechatpay_type=WeChatPayType.MINIPROG,
    mchid='${mchid}',
    private_key=open('${keyFile}').read(),
    cert_serial_no='${serialNo}',
    appid='${appid}',
    apiv3_key='${v3Key}',
    public_key=open('${publicKeyFile}').read(),
    public_key_id='${publicKeyId}',
    notify_url='http://127.0.0.1:8080/wxpay/notify/payment')`,
    },
  ]
}
