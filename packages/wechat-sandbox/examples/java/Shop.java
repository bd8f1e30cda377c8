// An order's whole life with wechatpay-java against wechat-sandbox: order, pay, notification, query, refund, close.
//
//   keytool -importcert -noprompt -alias sandbox -file <caFile> -keystore sandbox.p12 -storetype PKCS12 -storepass changeit
//   java -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=<port of controlUrl> -Djavax.net.ssl.trustStore=sandbox.p12 \
//     -Djavax.net.ssl.trustStorePassword=changeit -cp <jars> Shop.java .wechat-sandbox/sandbox.json
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import com.wechat.pay.java.core.RSAPublicKeyConfig;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RequestParam;
import com.wechat.pay.java.service.payments.jsapi.JsapiServiceExtension;
import com.wechat.pay.java.service.payments.jsapi.model.Amount;
import com.wechat.pay.java.service.payments.jsapi.model.CloseOrderRequest;
import com.wechat.pay.java.service.payments.jsapi.model.Payer;
import com.wechat.pay.java.service.payments.jsapi.model.PrepayRequest;
import com.wechat.pay.java.service.payments.jsapi.model.PrepayWithRequestPaymentResponse;
import com.wechat.pay.java.service.payments.jsapi.model.QueryOrderByOutTradeNoRequest;
import com.wechat.pay.java.service.payments.model.Transaction;
import com.wechat.pay.java.service.refund.RefundService;
import com.wechat.pay.java.service.refund.model.AmountReq;
import com.wechat.pay.java.service.refund.model.CreateRequest;
import com.wechat.pay.java.service.refund.model.QueryByOutRefundNoRequest;
import com.wechat.pay.java.service.refund.model.Refund;
import com.wechat.pay.java.service.refund.model.RefundNotification;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public class Shop {
  private static final Gson GSON = new Gson();
  private static JsonObject sandbox;
  private static JsapiServiceExtension trades;
  private static String notifyUrl;

  public static void main(String[] args) throws Exception {
    sandbox = GSON.fromJson(Files.readString(Path.of(args[0])), JsonObject.class);

    RSAPublicKeyConfig config = new RSAPublicKeyConfig.Builder()
        .merchantId(of("mchid"))
        .privateKeyFromPath(of("keyFile"))
        .merchantSerialNumber(of("serialNo"))
        .publicKeyFromPath(of("publicKeyFile"))
        .publicKeyId(of("publicKeyId"))
        .apiV3Key(of("v3Key"))
        .build();
    trades = new JsapiServiceExtension.Builder().config(config).build();
    RefundService refunds = new RefundService.Builder().config(config).build();

    // Verify first, over the bytes that came; one that fails is refused, and WeChat Pay sends it again.
    NotificationParser parser = new NotificationParser(config);
    BlockingQueue<Object> notices = new LinkedBlockingQueue<>();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/wxpay/notify", exchange -> {
      Headers headers = exchange.getRequestHeaders();
      RequestParam param = new RequestParam.Builder()
          .serialNumber(headers.getFirst("Wechatpay-Serial"))
          .nonce(headers.getFirst("Wechatpay-Nonce"))
          .timestamp(headers.getFirst("Wechatpay-Timestamp"))
          .signature(headers.getFirst("Wechatpay-Signature"))
          .signType(headers.getFirst("Wechatpay-Signature-Type"))
          .body(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
          .build();
      boolean isRefund = exchange.getRequestURI().getPath().endsWith("/refund");
      Class<?> content = isRefund ? RefundNotification.class : Transaction.class;
      try {
        notices.add(parser.parse(param, content));
        exchange.sendResponseHeaders(204, -1);
      } catch (RuntimeException refused) {
        exchange.sendResponseHeaders(401, -1);
      }
      exchange.close();
    });
    server.start();
    notifyUrl = "http://127.0.0.1:" + server.getAddress().getPort() + "/wxpay/notify";

    String orderNo = "JAVA" + System.nanoTime();
    PrepayWithRequestPaymentResponse sheet = order(orderNo, 100);
    System.out.println(sheet.getPackageVal());

    // What the mini-program hands to wx.requestPayment; the sandbox checks paySign as the client would.
    JsonObject paid = control("/cashier", Map.of(
        "timeStamp", sheet.getTimeStamp(), "nonceStr", sheet.getNonceStr(), "package", sheet.getPackageVal(),
        "signType", sheet.getSignType(), "paySign", sheet.getPaySign(), "openid", "o-anyone", "action", "pay"));
    System.out.println("cashier " + paid.get("errMsg").getAsString());
    Transaction told = (Transaction) notices.poll(10, TimeUnit.SECONDS);
    System.out.println("notified " + told.getTradeState() + " " + told.getOutTradeNo().equals(orderNo));
    System.out.println("query " + query(orderNo).getTradeState() + " " + query(orderNo).getAmount().getPayerTotal());

    CreateRequest create = new CreateRequest();
    create.setTransactionId(told.getTransactionId());
    create.setOutRefundNo(orderNo + "R1");
    create.setReason("不想要了");
    create.setNotifyUrl(notifyUrl + "/refund");
    AmountReq amount = new AmountReq();
    amount.setRefund(40L);
    amount.setTotal(100L);
    amount.setCurrency("CNY");
    create.setAmount(amount);
    Refund refund = refunds.create(create);
    System.out.println("refund " + refund.getStatus());
    control("/clock", Map.of("advanceMs", 1000));
    RefundNotification refunded = (RefundNotification) notices.poll(10, TimeUnit.SECONDS);
    System.out.println("notified " + refunded.getRefundStatus());
    QueryByOutRefundNoRequest byNumber = new QueryByOutRefundNoRequest();
    byNumber.setOutRefundNo(orderNo + "R1");
    System.out.println("refund query " + refunds.queryByOutRefundNo(byNumber).getStatus());

    order(orderNo + "C", 1);
    CloseOrderRequest close = new CloseOrderRequest();
    close.setOutTradeNo(orderNo + "C");
    close.setMchid(of("mchid"));
    trades.closeOrder(close);
    System.out.println("closed " + query(orderNo + "C").getTradeState());

    try {
      query(orderNo + "X");
    } catch (ServiceException refused) {
      System.out.println("unknown order " + refused.getHttpStatusCode() + " " + refused.getErrorCode());
    }
    server.stop(0);
    System.exit(0);
  }

  private static PrepayWithRequestPaymentResponse order(String outTradeNo, int fen) {
    PrepayRequest request = new PrepayRequest();
    request.setAppid(of("appid"));
    request.setMchid(of("mchid"));
    request.setDescription("一杯咖啡");
    request.setOutTradeNo(outTradeNo);
    request.setNotifyUrl(notifyUrl);
    Amount amount = new Amount();
    amount.setTotal(fen);
    request.setAmount(amount);
    Payer payer = new Payer();
    payer.setOpenid("o-anyone");
    request.setPayer(payer);
    return trades.prepayWithRequestPayment(request);
  }

  private static Transaction query(String outTradeNo) {
    QueryOrderByOutTradeNoRequest request = new QueryOrderByOutTradeNoRequest();
    request.setOutTradeNo(outTradeNo);
    request.setMchid(of("mchid"));
    return trades.queryOrderByOutTradeNo(request);
  }

  /** The sandbox's control API: plain http, so not through the https proxy. */
  private static JsonObject control(String path, Map<String, ?> body) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(of("controlUrl") + path))
        .header("Authorization", "Bearer " + of("controlToken"))
        .POST(HttpRequest.BodyPublishers.ofString(GSON.toJson(body)))
        .build();
    String answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    return GSON.fromJson(answer, JsonObject.class);
  }

  private static String of(String name) {
    return sandbox.get(name).getAsString();
  }
}
