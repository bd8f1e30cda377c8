/** @module What the bench uses of tenpay, which has no types: methods that its README names, and the parts they are made of. */
declare module 'tenpay' {
  type Members = Record<string, unknown>

  class Tenpay {
    constructor(config: Members)
    urls: Record<string, string>
    unifiedOrder(params: Members): Promise<Members>
    refund(params: Members): Promise<Members>
    getPayParamsByPrepay(params: Members, signType?: string): Members
    _getSign(params: Members, type: string): string
    _parse(xml: string, type: string, signType?: string): Promise<Members>
  }
  export = Tenpay
}

declare module 'tenpay/lib/util.js' {
  export function generate(length?: number): string
  export function buildXML(members: Record<string, unknown>): string
}
