/** @module One of our own packages as a single CommonJS file, which is what a mini-program can load. */

/**
 * @param {{ name: string, entry: string }} input entry: absolute path of the package's TypeScript entry
 * @returns {Promise<Uint8Array>}
 */
export async function bundleForMiniprogram({ name, entry }) {
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'neutral',
    // Old enough for every WeChat client that still receives updates, so that DevTools need not compile it again.
    target: 'es2018',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'error',
    banner: { js: `// ${name}, made by "npm run build" from its sources. Do not edit.` },
  })
  const foreign = Object.keys(metafile.inputs).filter((file) => file.split('/').includes('node_modules'))
  // The main package of a mini-program may weigh 2 MB; a schema library alone would take a good part of that.
  if (foreign.length > 0)
    throw new Error(`${name} would carry other packages into the mini-program: ${foreign.join(', ')}`)
  const [file] = outputFiles
  if (file === undefined) throw new Error(`${name}: nothing was built`)
  return file.contents
}
