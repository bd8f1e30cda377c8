/** @module Bundles a package's command from its sources, for the command itself: in the workspace dist may be missing or old. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Makes `dist/cli.js` of `src/cli.ts` when the sources are newer.
 *
 * @param {URL} home the package's folder
 */
export async function bundleCommand(home) {
  const source = fileURLToPath(new URL('src/', home))
  const built = fileURLToPath(new URL('dist/cli.js', home))
  if (fs.existsSync(built) && fs.statSync(built).mtimeMs >= newestIn(source)) return
  const esbuild = await import('esbuild').catch(() => undefined)
  if (esbuild === undefined) {
    throw new Error(
      'The sources are newer than dist, and esbuild is not installed to bundle them. Run npm install in the repository.',
    )
  }
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(source, 'cli.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    write: false,
    logLevel: 'error',
  })
  // What is up for days needs no compiler beside it.
  await esbuild.stop()
  fs.mkdirSync(path.dirname(built), { recursive: true })
  // Renamed into place, so that two starts at once never run half a file.
  const draft = `${built}.${process.pid}.tmp`
  fs.writeFileSync(draft, outputFiles[0]?.contents ?? '')
  fs.renameSync(draft, built)
}

/** @param {string} folder */
function newestIn(folder) {
  return Math.max(
    ...fs
      .readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.statSync(path.join(entry.parentPath, entry.name)).mtimeMs),
  )
}
