/** @module The cashier (收银台) that wx.requestPayment opens. */
import { create, createButton } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface CashierBill {
  readonly payee: string
  readonly description: string
  /** Integer fen. */
  readonly amountFen: number
}

export type CashierAction = 'pay' | 'cancel' | 'fail'

export interface CashierOptions {
  /** Asks the pay platform what these parameters stand for; it may refuse them. */
  readonly open: () => Promise<
    ({ readonly ok: true } & CashierBill) | { readonly ok: false; readonly errMsg: string }
  >
  /** Tells the pay platform what the payer does. @returns its errMsg */
  readonly finish: (action: CashierAction) => Promise<string>
}

/** Shows the cashier until the payer is done. @returns the errMsg that wx.requestPayment reports */
export async function runCashier(overlay: Overlay, options: CashierOptions): Promise<string> {
  const content = create('div', { class: 'cashier' }, spinner('正在打开微信支付…'))
  const sheet = overlay.open({ kind: 'bottom', label: '微信支付', content })
  try {
    const opened = await options.open()
    if (!opened.ok) {
      await acknowledged(content, refusedView(opened.errMsg), '关闭')
      return opened.errMsg
    }
    const action = await new Promise<CashierAction>((resolve) => {
      content.replaceChildren(...billView(opened, resolve))
    })
    content.replaceChildren(spinner(action === 'pay' ? '正在支付…' : '请稍候…'))
    const errMsg = await options.finish(action)
    if (action === 'pay' && errMsg === 'requestPayment:ok')
      await acknowledged(content, paidView(opened), '完成')
    else if (action === 'pay') await acknowledged(content, refusedView(errMsg), '关闭')
    return errMsg
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await acknowledged(content, refusedView(`requestPayment:fail ${reason}`), '关闭')
    return `requestPayment:fail ${reason}`
  } finally {
    sheet.close()
  }
}

function billView(bill: CashierBill, choose: (action: CashierAction) => void): HTMLElement[] {
  return [
    createButton({ class: 'close', label: '关闭收银台', onTap: () => choose('cancel') }),
    create('p', { class: 'payee', text: bill.payee }),
    amount(bill.amountFen),
    create(
      'dl',
      {},
      create('dt', { text: '描述' }),
      create('dd', { text: bill.description }),
      create('dt', { text: '支付方式' }),
      create('dd', { text: '零钱（本地沙箱）' }),
    ),
    createButton({ class: 'pay', text: '立即支付', onTap: () => choose('pay') }),
    createButton({ class: 'simulate', text: '模拟支付失败', onTap: () => choose('fail') }),
  ]
}

function paidView(bill: CashierBill): HTMLElement[] {
  return [
    create('i', { class: 'paid-mark' }),
    create('p', { class: 'paid-title', text: '支付成功' }),
    create('p', { class: 'payee', text: bill.payee }),
    amount(bill.amountFen),
  ]
}

function refusedView(errMsg: string): HTMLElement[] {
  return [
    create('i', { class: 'refused-mark' }),
    create('p', { class: 'refused-title', text: '支付未完成' }),
    create('p', {
      class: 'refused-reason',
      role: 'alert',
      text: errMsg.replace(/^requestPayment:fail\s*/, '') || errMsg,
    }),
  ]
}

function acknowledged(content: HTMLElement, view: HTMLElement[], button: string): Promise<void> {
  return new Promise((resolve) => {
    content.replaceChildren(...view, createButton({ class: 'done', text: button, onTap: resolve }))
  })
}

function amount(amountFen: number): HTMLElement {
  const yuan = Math.floor(amountFen / 100)
  const rest = String(amountFen % 100).padStart(2, '0')
  return create(
    'p',
    { class: 'amount' },
    create('span', { text: '¥' }),
    create('b', { text: `${yuan}.${rest}` }),
  )
}

function spinner(text: string): HTMLElement {
  return create(
    'div',
    { class: 'cashier-wait', role: 'status' },
    create('i', { class: 'spinner' }),
    create('span', { text }),
  )
}
