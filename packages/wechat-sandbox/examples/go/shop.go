// An order's whole life with wechatpay-go against wechat-sandbox: order, pay, notification, query, refund, close.
//
//	HTTPS_PROXY=<controlUrl> SSL_CERT_FILE=<caFile> go run shop.go .wechat-sandbox/sandbox.json
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/ioutil"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

var sandbox struct {
	ControlURL    string `json:"controlUrl"`
	ControlToken  string `json:"controlToken"`
	Appid         string `json:"appid"`
	Mchid         string `json:"mchid"`
	V3Key         string `json:"v3Key"`
	KeyFile       string `json:"keyFile"`
	SerialNo      string `json:"serialNo"`
	PublicKeyID   string `json:"publicKeyId"`
	PublicKeyFile string `json:"publicKeyFile"`
}

type notice struct {
	Event   string
	Content map[string]interface{}
}

func main() {
	file, err := ioutil.ReadFile(os.Args[1])
	must(err)
	must(json.Unmarshal(file, &sandbox))
	ctx := context.Background()

	privateKey, err := utils.LoadPrivateKeyWithPath(sandbox.KeyFile)
	must(err)
	publicKey, err := utils.LoadPublicKeyWithPath(sandbox.PublicKeyFile)
	must(err)
	client, err := core.NewClient(ctx, option.WithWechatPayPublicKeyAuthCipher(
		sandbox.Mchid, sandbox.SerialNo, privateKey, sandbox.PublicKeyID, publicKey))
	must(err)
	handler, err := notify.NewRSANotifyHandler(
		sandbox.V3Key, verifiers.NewSHA256WithRSAPubkeyVerifier(sandbox.PublicKeyID, *publicKey))
	must(err)

	notifyURL, notices := listen(handler)
	trades := jsapi.JsapiApiService{Client: client}
	refunds := refunddomestic.RefundsApiService{Client: client}
	order := func(outTradeNo string, fen int64) *jsapi.PrepayWithRequestPaymentResponse {
		sheet, _, err := trades.PrepayWithRequestPayment(ctx, jsapi.PrepayRequest{
			Appid:       core.String(sandbox.Appid),
			Mchid:       core.String(sandbox.Mchid),
			Description: core.String("一杯咖啡"),
			OutTradeNo:  core.String(outTradeNo),
			TimeExpire:  tomorrow(),
			NotifyUrl:   core.String(notifyURL),
			Amount:      &jsapi.Amount{Total: core.Int64(fen)},
			Payer:       &jsapi.Payer{Openid: core.String("o-anyone")},
		})
		must(err)
		return sheet
	}
	state := func(outTradeNo string) string {
		trade, _, err := trades.QueryOrderByOutTradeNo(ctx, jsapi.QueryOrderByOutTradeNoRequest{
			OutTradeNo: core.String(outTradeNo), Mchid: core.String(sandbox.Mchid)})
		must(err)
		return *trade.TradeState
	}

	orderNo := fmt.Sprintf("GO%d", time.Now().UnixNano())
	sheet := order(orderNo, 100)
	fmt.Println("prepay_id", *sheet.PrepayId)

	// What the mini-program hands to wx.requestPayment; the sandbox checks paySign as the client would.
	paid := control("POST", "/cashier", map[string]string{
		"timeStamp": *sheet.TimeStamp, "nonceStr": *sheet.NonceStr, "package": *sheet.Package,
		"signType": *sheet.SignType, "paySign": *sheet.PaySign, "openid": "o-anyone", "action": "pay"})
	fmt.Println("cashier", paid["errMsg"])
	told := wait(notices)
	fmt.Println("notified", told.Event, told.Content["trade_state"], told.Content["out_trade_no"] == orderNo)
	fmt.Println("query", state(orderNo))

	refundNo := orderNo + "R1"
	refund, _, err := refunds.Create(ctx, refunddomestic.CreateRequest{
		TransactionId: core.String(told.Content["transaction_id"].(string)),
		OutRefundNo:   core.String(refundNo),
		Reason:        core.String("不想要了"),
		NotifyUrl:     core.String(notifyURL),
		Amount: &refunddomestic.AmountReq{
			Refund: core.Int64(40), Total: core.Int64(100), Currency: core.String("CNY")},
	})
	must(err)
	fmt.Println("refund", *refund.Status)
	control("POST", "/clock", map[string]int{"advanceMs": 1000})
	told = wait(notices)
	fmt.Println("notified", told.Event, told.Content["refund_status"])
	refund, _, err = refunds.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{
		OutRefundNo: core.String(refundNo)})
	must(err)
	fmt.Println("refund query", *refund.Status)

	otherNo := orderNo + "C"
	order(otherNo, 1)
	_, err = trades.CloseOrder(ctx, jsapi.CloseOrderRequest{
		OutTradeNo: core.String(otherNo), Mchid: core.String(sandbox.Mchid)})
	must(err)
	fmt.Println("closed", state(otherNo))

	_, _, err = trades.QueryOrderByOutTradeNo(ctx, jsapi.QueryOrderByOutTradeNoRequest{
		OutTradeNo: core.String(orderNo + "X"), Mchid: core.String(sandbox.Mchid)})
	fmt.Println("unknown order", err.(*core.APIError).StatusCode, core.IsAPIError(err, "ORDER_NOT_EXIST"))

	// A merchant that still uses platform certificates: they are fetched, and verify what follows.
	older, err := core.NewClient(ctx, option.WithWechatPayAutoAuthCipher(
		sandbox.Mchid, sandbox.SerialNo, privateKey, sandbox.V3Key))
	must(err)
	fmt.Println("certificates", len(downloader.MgrInstance().GetCertificateMap(ctx, sandbox.Mchid)))
	trades.Client = older
	fmt.Println("query by certificate", state(orderNo))
}

// listen takes notifications: one that fails verification is refused, and WeChat Pay sends it again.
func listen(handler *notify.Handler) (string, <-chan notice) {
	notices := make(chan notice, 10)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		content := map[string]interface{}{}
		event, err := handler.ParseNotifyRequest(request.Context(), request, &content)
		if err != nil {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		notices <- notice{event.EventType, content}
		response.WriteHeader(http.StatusNoContent)
	}))
	return "http://" + listener.Addr().String() + "/wxpay/notify", notices
}

func wait(notices <-chan notice) notice {
	select {
	case told := <-notices:
		return told
	case <-time.After(10 * time.Second):
		log.Fatal("no notification came")
		return notice{}
	}
}

// control calls the sandbox's control API, which HTTPS_PROXY is not for: it is plain http on loopback.
func control(method, path string, body interface{}) map[string]interface{} {
	text, err := json.Marshal(body)
	must(err)
	request, err := http.NewRequest(method, sandbox.ControlURL+path, bytes.NewReader(text))
	must(err)
	request.Header.Set("Authorization", "Bearer "+sandbox.ControlToken)
	response, err := http.DefaultClient.Do(request)
	must(err)
	defer response.Body.Close()
	answer := map[string]interface{}{}
	must(json.NewDecoder(response.Body).Decode(&answer))
	if response.StatusCode >= 400 {
		log.Fatal(path, answer)
	}
	return answer
}

func tomorrow() *time.Time {
	at := time.Now().Add(24 * time.Hour)
	return &at
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
