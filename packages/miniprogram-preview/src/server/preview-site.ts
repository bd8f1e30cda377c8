/** @module Routes: the page around the phones, the phones, the program's files, requests on their way, the preview's own calls. */
import fs from 'node:fs'
import type http from 'node:http'
import path from 'node:path'
import { HttpRefusal, readJson, send, sendJson } from './answers.ts'
import type { Guard } from './guard.ts'
import type { PreviewOptions } from './options.ts'
import { answerPlatformCall } from './platform-calls.ts'
import { RequestProxy } from './proxy.ts'
import type { ServedProgram } from './served-program.ts'
import { sendFile } from './static-files.ts'
import { unknownPhonePage } from './unknown-phone.ts'

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'self'; img-src * data: blob:; media-src * data: blob:; font-src * data:; connect-src 'self' blob:; " +
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
}

export class PreviewSite {
  private readonly options: PreviewOptions
  private readonly program: ServedProgram
  private readonly guard: Guard
  private readonly outDir: string
  private readonly proxy: RequestProxy

  constructor(options: PreviewOptions, program: ServedProgram, guard: Guard, outDir: string) {
    this.options = options
    this.program = program
    this.guard = guard
    this.outDir = outDir
    this.proxy = new RequestProxy(
      Object.entries(options.requestDomains).map(([declared, target]) => ({ declared, target })),
    )
  }

  async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    try {
      await this.route(request, response)
    } catch (error) {
      const status = error instanceof HttpRefusal ? error.status : 500
      const message = error instanceof Error ? error.message : String(error)
      if (status === 500) console.error('[preview]', error)
      if (response.headersSent) response.end()
      else sendJson(response, status, { error: message })
    }
  }

  private async route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const refusal = this.guard.checkHost(request)
    if (refusal !== undefined) throw new HttpRefusal(refusal.status, refusal.message)
    const target = request.url ?? '/'
    const pathname = target.split('?')[0] ?? '/'
    if (pathname.startsWith('/-/')) return this.routeOwn(request, response, target)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new HttpRefusal(405, 'only GET is served here')
    if (pathname === '/') return this.sendShell(response)
    if (pathname === '/phone' || pathname === '/phone/') return this.sendPhone(response, target)
    return sendFile(request, response, { folder: this.outDir, name: decodePath(pathname) })
  }

  private async routeOwn(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    target: string,
  ): Promise<void> {
    const rest = target.slice('/-/'.length)
    if (rest.startsWith('file/')) {
      if (request.method !== 'GET') throw new HttpRefusal(405, 'only GET is served here')
      return this.proxy.forward(request, response, rest.slice('file/'.length))
    }
    if (rest === 'events' && request.method === 'GET') return this.streamEvents(request, response)
    const refusal = this.guard.checkCaller(request)
    if (refusal !== undefined) throw new HttpRefusal(refusal.status, refusal.message)
    if (rest.startsWith('request/'))
      return this.proxy.forward(request, response, rest.slice('request/'.length))
    if (request.method !== 'POST') throw new HttpRefusal(405, 'only POST is served here')
    sendJson(response, 200, await answerPlatformCall(this.options, rest, await readJson(request)))
  }

  private async sendShell(response: http.ServerResponse): Promise<void> {
    const switches = await Promise.all(
      (this.options.panel?.switches ?? []).map(async ({ id, label, options, get }) => ({
        id,
        label,
        options,
        value: await get(),
      })),
    )
    const links = await Promise.all(
      (this.options.panel?.links ?? []).map(async ({ label, href, takesFragment }) => ({
        label,
        href: typeof href === 'string' ? href : await href(),
        ...(takesFragment === true ? { takesFragment } : {}),
      })),
    )
    const config = {
      title: this.options.title,
      token: this.guard.token,
      shoppers: this.options.shoppers,
      links,
      switches,
    }
    this.sendPage(response, 'shell.html', 'shell-config', config)
  }

  private sendPhone(response: http.ServerResponse, target: string): void {
    const query = new URL(target, 'http://preview').searchParams
    const openid = query.get('openid') ?? this.options.shoppers[0]?.openid ?? ''
    const shopper = this.options.shoppers.find((each) => each.openid === openid)
    if (shopper === undefined) {
      const page = unknownPhonePage(openid.slice(0, 128), this.options.shoppers)
      send(response, 404, 'text/html; charset=utf-8', page)
      return
    }
    const config = {
      appKey: path.basename(path.resolve(this.options.appRoot)),
      title: this.options.title,
      templates: this.options.platform.messages?.templates ?? null,
      shopper,
      requestDomains: Object.keys(this.options.requestDomains),
      token: this.guard.token,
      autostart: true,
      problems: this.program.state.problems,
    }
    this.sendPage(response, 'phone.html', 'phone-config', config)
  }

  private sendPage(response: http.ServerResponse, file: string, id: string, config: object): void {
    const page = fs.readFileSync(path.join(this.outDir, file), 'utf8')
    // Inside a script element, `<` could end it.
    const json = JSON.stringify(config).replaceAll('<', '\\u003c')
    send(
      response,
      200,
      'text/html; charset=utf-8',
      page.replace(`id="${id}">`, () => `id="${id}">${json}`),
    )
  }

  private streamEvents(request: http.IncomingMessage, response: http.ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const write = () => response.write(`data: ${JSON.stringify(this.program.state)}\n\n`)
    write()
    const stop = this.program.onChange(write)
    request.on('close', stop)
  }
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    throw new HttpRefusal(400, 'the path is not valid')
  }
}
