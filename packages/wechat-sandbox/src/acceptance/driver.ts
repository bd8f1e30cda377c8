/**
 * @module What the acceptance suite asks of a shop, whatever it is written in: a small module that calls the shop's own API.
 */
import { pathToFileURL } from 'node:url'
import type { SandboxInfo } from '../sandbox.ts'

/** The parameters of wx.requestPayment, as the shop gives them to its page. */
export interface PayParameters {
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly signType: string
  readonly paySign: string
}

export interface ShopDriver {
  /** A shopper orders something; the number is the one WeChat Pay knows. */
  order(shopper: { readonly openid: string }): Promise<{ readonly outTradeNo: string }>
  /** The shop's page wants to pay: called again when it failed. */
  payment(outTradeNo: string): Promise<PayParameters>
  /** wx.requestPayment has returned, whatever it said. */
  returned(outTradeNo: string): Promise<void>
  /** What the shop shows the shopper now. */
  isPaid(outTradeNo: string): Promise<boolean>
  /** Whoever may do so refunds so much; rejects when the shop won't. */
  refund(refund: { readonly outTradeNo: string; readonly amountFen: number }): Promise<void>
  /** What the shop shows as refunded, all its refunds of the order together. */
  refundedFen(outTradeNo: string): Promise<number>
  /**
   * How often goods, credit or whatever was paid for were handed out for this order, or its payment was booked: once, however
   * often its news comes. Without it nobody looks.
   */
  deliveries?(outTradeNo: string): Promise<number>
  /** Lets the shop do what it does after a while; without it the rules about retries are skipped. */
  elapse?(ms: number): Promise<void>
}

/** A driver file exports `connect`. */
export interface DriverModule {
  connect(sandbox: { readonly info: SandboxInfo; readonly control: ControlCall }): Promise<ShopDriver>
}

/** One call of the sandbox's control API; rejects with its own sentence. */
export type ControlCall = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>

/** The sandbox is not there (any more): nothing can be said about the shop. */
export class SandboxGoneError extends Error {
  override readonly name = 'SandboxGoneError'

  constructor(cause: Error) {
    super(`the sandbox does not answer: ${cause.message}`, { cause })
  }
}

export async function loadDriver(file: string): Promise<DriverModule> {
  const loaded: Partial<DriverModule> = await import(pathToFileURL(file).href)
  const { connect } = loaded
  if (typeof connect !== 'function') throw new Error(`${file} exports no function named connect`)
  return { connect }
}
