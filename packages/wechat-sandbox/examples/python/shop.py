"""An order's whole life with wechatpayv3 against wechat-sandbox: order, pay, notification, query, refund, close.

HTTPS_PROXY=<controlUrl> REQUESTS_CA_BUNDLE=<caFile> python3 shop.py .wechat-sandbox/sandbox.json
"""
import json
import queue
import sys
import threading
import time
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

from wechatpayv3 import WeChatPay, WeChatPayType

with open(sys.argv[1], encoding='utf-8') as file:
    sandbox = json.load(file)


def read(name):
    with open(sandbox[name], encoding='utf-8') as file:
        return file.read()


def control(method, path, body):
    """The sandbox's control API, past the proxy that HTTPS_PROXY names."""
    request = urllib.request.Request(
        sandbox['controlUrl'] + path, json.dumps(body).encode(), method=method,
        headers={'Authorization': 'Bearer ' + sandbox['controlToken']})
    return json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request))


def expect(code, answer, *codes):
    assert code in codes, '%s %s' % (code, answer)
    return json.loads(answer) if answer else None


notices = queue.Queue()


class Notify(BaseHTTPRequestHandler):
    """Verify first, over the bytes that came; a notification that fails is refused, and WeChat Pay sends it again."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        try:
            result = wxpay.callback(self.headers, body)
        except Exception:
            result = None
        if result:
            notices.put(result)
        self.send_response(204 if result else 401)
        self.end_headers()

    def log_message(self, *args):
        pass


server = HTTPServer(('127.0.0.1', 0), Notify)
threading.Thread(target=server.serve_forever, daemon=True).start()
notify_url = 'http://127.0.0.1:%d/wxpay/notify' % server.server_port

wxpay = WeChatPay(
    wechatpay_type=WeChatPayType.MINIPROG,
    mchid=sandbox['mchid'],
    private_key=read('keyFile'),
    cert_serial_no=sandbox['serialNo'],
    appid=sandbox['appid'],
    apiv3_key=sandbox['v3Key'],
    public_key=read('publicKeyFile'),
    public_key_id=sandbox['publicKeyId'],
    notify_url=notify_url)

order_no = 'PY%d' % time.time_ns()
order = expect(*wxpay.pay(
    description='一杯咖啡', out_trade_no=order_no, amount={'total': 100}, payer={'openid': 'o-anyone'}), 200)
print('prepay_id', order['prepay_id'])

# What the mini-program hands to wx.requestPayment; the sandbox checks paySign as the client would.
sheet = {'timeStamp': str(int(time.time())), 'nonceStr': uuid.uuid4().hex,
         'package': 'prepay_id=' + order['prepay_id'], 'signType': 'RSA'}
sheet['paySign'] = wxpay.sign([sandbox['appid'], sheet['timeStamp'], sheet['nonceStr'], sheet['package']])
print('cashier', control('POST', '/cashier', {**sheet, 'openid': 'o-anyone', 'action': 'pay'})['errMsg'])

notice = notices.get(timeout=10)
print('notified', notice['event_type'], notice['resource']['trade_state'], notice['resource']['out_trade_no'] == order_no)

paid = expect(*wxpay.query(out_trade_no=order_no), 200)
print('query', paid['trade_state'], paid['amount']['payer_total'])

refund_no = order_no + 'R1'
refund = expect(*wxpay.refund(
    out_refund_no=refund_no, transaction_id=paid['transaction_id'], reason='不想要了',
    amount={'refund': 40, 'total': 100, 'currency': 'CNY'}), 200)
print('refund', refund['status'])
control('POST', '/clock', {'advanceMs': 1000})
notice = notices.get(timeout=10)
print('notified', notice['event_type'], notice['resource']['refund_status'])
print('refund query', expect(*wxpay.query_refund(out_refund_no=refund_no), 200)['status'])

other_no = order_no + 'C'
expect(*wxpay.pay(description='一杯茶', out_trade_no=other_no, amount={'total': 1}, payer={'openid': 'o-anyone'}), 200)
expect(*wxpay.close(out_trade_no=other_no), 204)
print('closed', expect(*wxpay.query(out_trade_no=other_no), 200)['trade_state'])

code, answer = wxpay.query(out_trade_no=order_no + 'X')
print('unknown order', code, json.loads(answer)['code'])
