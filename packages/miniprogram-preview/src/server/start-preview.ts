/** @module Starts the preview: compiles the program and serves the phones. */
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Guard } from './guard.ts'
import { assertUsableOptions, type Preview, type PreviewOptions } from './options.ts'
import { PreviewSite } from './preview-site.ts'
import { ServedProgram } from './served-program.ts'
import { watchFiles } from './watch-files.ts'

/**
 * Compiles a mini-program and serves it in phones at a local address.
 *
 * @throws PreviewOptionsError, PreviewCompileError (when `watch` is off; otherwise problems show on the phones)
 */
export async function startPreview(options: PreviewOptions): Promise<Preview> {
  assertUsableOptions(options)
  const host = options.host ?? '127.0.0.1'
  const outDir = options.outDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'miniprogram-preview-'))
  const program = new ServedProgram({
    appRoot: options.appRoot,
    outDir,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
  })
  await Promise.all([options.watch === true ? program.recompile() : program.compile(), buildShell(outDir)])
  const site = new PreviewSite(options, program, new Guard(host), outDir)
  const server = http.createServer((request, response) => void site.answer(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const stopWatching =
    options.watch === true
      ? watchFiles(path.resolve(options.appRoot), () => void program.recompile())
      : () => {}
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
    async close() {
      stopWatching()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (options.outDir === undefined) fs.rmSync(outDir, { recursive: true, force: true })
    },
  }
}

// Both src/server and dist/server are two levels deep.
const SHELL = fileURLToPath(new URL('../../src/shell/', import.meta.url))

/** The page around the phones. */
async function buildShell(outDir: string): Promise<void> {
  await build({
    entryPoints: [path.join(SHELL, 'shell.ts'), path.join(SHELL, 'frame.ts')],
    bundle: true,
    format: 'iife',
    target: 'chrome100',
    outdir: outDir,
    logLevel: 'silent',
  })
  for (const file of ['shell.html', 'shell.css'])
    fs.copyFileSync(path.join(SHELL, file), path.join(outDir, file))
}
