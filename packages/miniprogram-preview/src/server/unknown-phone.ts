/** @module The page for a phone that nobody holds: whose phones there are. */
import type { Shopper } from './options.ts'

/** @param openid as asked for; untrusted text */
export const unknownPhonePage = (openid: string, shoppers: readonly Shopper[]): string => `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <title>没有这个人的手机</title>
    <style>
      body { max-width: 32em; margin: 15vh auto 0; padding: 0 24px; font: 16px/1.7 sans-serif; color: #1a1a1a }
      h1 { font-size: 20px } code { overflow-wrap: anywhere } a { color: #3f7d52 } li { padding: 4px 0 }
    </style>
  </head>
  <body>
    <h1>没有这个人的手机</h1>
    <p>预览里没有 openid 是 <code>${escaped(openid)}</code> 的人。可以打开：</p>
    <ul>
${shoppers.map((each) => `      <li><a href="phone?openid=${encodeURIComponent(each.openid)}">${escaped(each.name)}</a></li>`).join('\n')}
    </ul>
  </body>
</html>
`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
