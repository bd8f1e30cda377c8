<?php
// An order's whole life with wechatpay-php against wechat-sandbox: order, pay, notification, query, refund, close.
// The sandbox's address and authority are Guzzle options; nothing in the environment is needed.
//
//   php shop.php .wechat-sandbox/sandbox.json
declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

use GuzzleHttp\Exception\RequestException;
use WeChatPay\Builder;
use WeChatPay\Crypto\AesEcb;
use WeChatPay\Crypto\AesGcm;
use WeChatPay\Crypto\Hash;
use WeChatPay\Crypto\Rsa;
use WeChatPay\Formatter;
use WeChatPay\Transformer;

$sandbox = json_decode(file_get_contents($argv[1]), true);
$privateKey = Rsa::from("file://{$sandbox['keyFile']}", Rsa::KEY_TYPE_PRIVATE);
$publicKey = Rsa::from("file://{$sandbox['publicKeyFile']}", Rsa::KEY_TYPE_PUBLIC);

$instance = Builder::factory([
    'mchid'      => $sandbox['mchid'],
    'serial'     => $sandbox['serialNo'],
    'privateKey' => $privateKey,
    'certs'      => [$sandbox['publicKeyId'] => $publicKey],
    'secret'     => $sandbox['v2Key'],
    'merchant'   => ['key' => $sandbox['keyFile'], 'cert' => $sandbox['certFile']],
    'base_uri'   => $sandbox['baseUrl'] . '/',
    'verify'     => $sandbox['caFile'],
    'headers'    => ['Wechatpay-Serial' => $sandbox['publicKeyId']],
]);

$server = stream_socket_server('tcp://127.0.0.1:0');
$notifyUrl = 'http://' . stream_socket_get_name($server, false) . '/wxpay/notify';

function said(string $what, ...$facts): void
{
    echo $what, ' ', implode(' ', array_map('strval', $facts)), PHP_EOL;
}

function json($response): array
{
    return json_decode((string) $response->getBody(), true);
}

/** The sandbox's control API. */
function control(array $sandbox, string $path, array $body): array
{
    $client = new GuzzleHttp\Client(['base_uri' => $sandbox['controlUrl']]);
    $headers = ['Authorization' => "Bearer {$sandbox['controlToken']}"];
    return json($client->post($path, ['headers' => $headers, 'json' => $body]));
}

/**
 * Does what makes the sandbox notify, and takes the notification: this process is the payer and the shop at once,
 * so the call must not wait for its own answer. `$open` verifies and decrypts, or gives null to refuse.
 */
function notified($server, callable $cause, callable $open, string $acknowledgement): array
{
    $promise = $cause();
    $connection = stream_socket_accept($server, 10);
    $head = '';
    while (!str_ends_with($head, "\r\n\r\n")) {
        $head .= fgets($connection);
    }
    preg_match_all('/^([\w-]+):\s*(.*?)\r$/m', $head, $matches);
    $headers = array_combine(array_map('strtolower', $matches[1]), $matches[2]);
    $body = stream_get_contents($connection, (int) $headers['content-length']);
    $content = $open($headers, $body);
    $length = strlen($acknowledgement);
    fwrite($connection, $content === null
        ? "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        : "HTTP/1.1 200 OK\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$acknowledgement");
    fclose($connection);
    $promise();
    if ($content === null) {
        throw new RuntimeException('a notification failed verification');
    }
    return $content;
}

/** Runs a control call in a process of its own and gives what waits for its end. */
function meanwhile(array $sandbox, string $path, array $body): callable
{
    $pid = pcntl_fork();
    if ($pid === 0) {
        $answer = control($sandbox, $path, $body);
        isset($answer['errMsg']) && said('cashier', $answer['errMsg']);
        exit(0);
    }
    return static fn() => pcntl_waitpid($pid, $status);
}

/** Verify first, over the bytes that came, within five minutes; then decrypt. */
$openV3 = static function (array $headers, string $body) use ($sandbox, $publicKey): ?array {
    $isFresh = abs(Formatter::timestamp() - (int) $headers['wechatpay-timestamp']) <= 300;
    $signed = Formatter::joinedByLineFeed($headers['wechatpay-timestamp'], $headers['wechatpay-nonce'], $body);
    if (!$isFresh || $headers['wechatpay-serial'] !== $sandbox['publicKeyId']
        || !Rsa::verify($signed, $headers['wechatpay-signature'], $publicKey)) {
        return null;
    }
    $event = json_decode($body, true);
    ['ciphertext' => $ciphertext, 'nonce' => $nonce, 'associated_data' => $aad] = $event['resource'];
    $resource = json_decode(AesGcm::decrypt($ciphertext, $sandbox['v3Key'], $nonce, $aad), true);
    return ['event' => $event['event_type'], 'resource' => $resource];
};

$orderNo = 'PHP' . hrtime(true);
$order = static fn(string $number, int $fen): array => json($instance->chain('v3/pay/transactions/jsapi')->post(['json' => [
    'appid' => $sandbox['appid'], 'mchid' => $sandbox['mchid'], 'description' => '一杯咖啡',
    'out_trade_no' => $number, 'notify_url' => $notifyUrl,
    'amount' => ['total' => $fen], 'payer' => ['openid' => 'o-anyone'],
]]));
$query = static fn(string $number): array => json($instance->v3->pay->transactions->outTradeNo->_out_trade_no_->get([
    'query' => ['mchid' => $sandbox['mchid']], 'out_trade_no' => $number,
]));

$prepayId = $order($orderNo, 100)['prepay_id'];
said('prepay_id', $prepayId);

// What the mini-program hands to wx.requestPayment; the sandbox checks paySign as the client would.
$sheet = ['timeStamp' => (string) Formatter::timestamp(), 'nonceStr' => Formatter::nonce(), 'package' => "prepay_id=$prepayId"];
$sheet += ['signType' => 'RSA', 'paySign' => Rsa::sign(
    Formatter::joinedByLineFeed($sandbox['appid'], ...array_values($sheet)), $privateKey)];
$pay = static fn(array $sheet): callable => meanwhile($sandbox, '/cashier', $sheet + ['openid' => 'o-anyone', 'action' => 'pay']);
$told = notified($server, static fn() => $pay($sheet), $openV3, '{"code":"SUCCESS"}');
said('notified', $told['event'], $told['resource']['trade_state'], var_export($told['resource']['out_trade_no'] === $orderNo, true));

$paid = $query($orderNo);
said('query', $paid['trade_state'], $paid['amount']['payer_total']);

$refund = json($instance->v3->refund->domestic->refunds->post(['json' => [
    'transaction_id' => $paid['transaction_id'], 'out_refund_no' => "{$orderNo}R1", 'reason' => '不想要了',
    'notify_url' => $notifyUrl, 'amount' => ['refund' => 40, 'total' => 100, 'currency' => 'CNY'],
]]));
said('refund', $refund['status']);
$aSecondLater = static fn(): callable => meanwhile($sandbox, '/clock', ['advanceMs' => 1000]);
$told = notified($server, $aSecondLater, $openV3, '{"code":"SUCCESS"}');
said('notified', $told['event'], $told['resource']['refund_status']);
said('refund query', json($instance->v3->refund->domestic->refunds->_out_refund_no_->get(['out_refund_no' => "{$orderNo}R1"]))['status']);

$order("{$orderNo}C", 1);
$closed = $instance->v3->pay->transactions->outTradeNo->_out_trade_no_->close->post([
    'json' => ['mchid' => $sandbox['mchid']], 'out_trade_no' => "{$orderNo}C",
]);
said('closed', $closed->getStatusCode(), $query("{$orderNo}C")['trade_state']);

try {
    $query("{$orderNo}X");
} catch (RequestException $refused) {
    said('unknown order', $refused->getResponse()->getStatusCode(), json($refused->getResponse())['code'] ?? '');
}

// The same in APIv2: XML, the key, the client certificate for the refund.
$v2 = static fn(string $path, array $xml, array $more = []): array => Transformer::toArray((string) $instance
    ->chain("v2/$path")->post(['xml' => ['appid' => $sandbox['appid'], 'mch_id' => $sandbox['mchid']] + $xml] + $more)->getBody());
$v2No = "{$orderNo}V2";
$unified = $v2('pay/unifiedorder', [
    'body' => '一杯咖啡', 'out_trade_no' => $v2No, 'total_fee' => '100', 'spbill_create_ip' => '127.0.0.1',
    'notify_url' => $notifyUrl, 'trade_type' => 'JSAPI', 'openid' => 'o-anyone',
]);
said('v2 prepay_id', $unified['prepay_id']);
$sheet = ['appId' => $sandbox['appid'], 'timeStamp' => (string) Formatter::timestamp(), 'nonceStr' => Formatter::nonce(),
    'package' => "prepay_id={$unified['prepay_id']}", 'signType' => 'MD5'];
$sheet['paySign'] = Hash::sign(Hash::ALGO_MD5, Formatter::queryStringLike(Formatter::ksort($sheet)), $sandbox['v2Key']);
$openV2 = static function (array $headers, string $body) use ($sandbox): ?array {
    $notice = Transformer::toArray($body);
    $sign = Hash::sign(Hash::ALGO_MD5, Formatter::queryStringLike(Formatter::ksort($notice)), $sandbox['v2Key']);
    return Hash::equals($sign, $notice['sign'] ?? null) ? $notice : null;
};
$received = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';
unset($sheet['appId']);
$told = notified($server, static fn() => $pay($sheet), $openV2, $received);
said('v2 notified', $told['result_code'], $told['total_fee']);
said('v2 query', $v2('pay/orderquery', ['out_trade_no' => $v2No])['trade_state']);
said('v2 refund', $v2('secapi/pay/refund', [
    'out_trade_no' => $v2No, 'out_refund_no' => "{$v2No}R1", 'total_fee' => '100', 'refund_fee' => '100', 'notify_url' => $notifyUrl,
], ['security' => true])['result_code']);
$openV2Refund = static fn(array $headers, string $body): ?array => Transformer::toArray(
    AesEcb::decrypt(Transformer::toArray($body)['req_info'], Hash::md5($sandbox['v2Key'])));
said('v2 notified', notified($server, $aSecondLater, $openV2Refund, $received)['refund_status']);
said('v2 refund query', $v2('pay/refundquery', ['out_refund_no' => "{$v2No}R1"])['refund_status_0']);
