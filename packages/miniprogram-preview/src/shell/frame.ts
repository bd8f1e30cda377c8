/** @module Keeps a phone up to date: reloads it after a compilation, and shows what does not compile. */

interface ProgramState {
  readonly version: number
  readonly problems: readonly string[]
}

function showProblems(problems: readonly string[]): void {
  document.getElementById('compile-problems')?.remove()
  if (problems.length === 0) return
  const host = document.createElement('div')
  host.id = 'compile-problems'
  const root = host.attachShadow({ mode: 'open' })
  const title = document.createElement('h2')
  title.textContent = `小程序有 ${problems.length} 处编译错误`
  const list = document.createElement('pre')
  list.textContent = problems.join('\n\n')
  const hint = document.createElement('p')
  hint.textContent = '改好并保存后，这里会自动重新编译。'
  const box = document.createElement('div')
  box.style.cssText =
    'position:fixed;inset:0;z-index:200000;overflow:auto;padding:56px 20px 20px;background:#2b1d1d;color:#ffe3e0;font:13px/1.6 sans-serif'
  list.style.cssText =
    'white-space:pre-wrap;word-break:break-word;font:12px/1.6 ui-monospace,Menlo,Consolas,monospace'
  title.style.cssText = 'margin:0 0 12px;font-size:17px'
  box.append(title, list, hint)
  root.append(box)
  document.documentElement.append(host)
}

function start(): void {
  let loaded: number | undefined
  const events = new EventSource('/-/events')
  events.addEventListener('message', (event: MessageEvent<string>) => {
    const state: ProgramState = JSON.parse(event.data)
    loaded ??= state.version
    showProblems(state.problems)
    if (state.version !== loaded && state.problems.length === 0) location.reload()
  })
}

start()
