/** @module Finds the files of mini-program packages (npm 包) that a mini-program really reaches, and nothing else. */
import fs from 'node:fs'
import path from 'node:path'

/**
 * @typedef {object} MiniprogramPackage
 * @property {string} name as in `import … from 'name/…'`
 * @property {string} folder absolute; what its package.json calls `miniprogram`
 */

const COMPONENT_EXTENSIONS = ['.json', '.js', '.wxml', '.wxss']

/**
 * The files of `packages` that the program under `appRoot` uses: components by `usingComponents`, modules by import or
 * require, templates, wxs and styles by their own imports, each followed to its end.
 *
 * @param {{ appRoot: string, packages: MiniprogramPackage[] }} input
 * @returns {Promise<string[]>} absolute paths, sorted
 */
export async function findUsedFiles({ appRoot, packages }) {
  const own = filesUnder(appRoot)
  const graph = new FileGraph(appRoot, packages)
  for (const file of own) graph.follow(file)
  const scripts = [...graph.reached].filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'))
  const modules = await reachedModules(scripts, { appRoot, packages })
  const used = new Set([...graph.reached, ...modules])
  const ours = new Set(own)
  return [...used].filter((file) => !ours.has(file)).sort()
}

/** What one file names in another: everything but scripts, whose imports esbuild reads. */
class FileGraph {
  /** @type {Set<string>} */
  reached = new Set()

  /**
   * @param {string} appRoot
   * @param {MiniprogramPackage[]} packages
   */
  constructor(appRoot, packages) {
    this.appRoot = appRoot
    this.packages = packages
  }

  /** @param {string} file */
  follow(file) {
    if (this.reached.has(file)) return
    this.reached.add(file)
    const kind = path.extname(file)
    if (kind === '.json') {
      for (const name of componentsOf(file)) this.followComponent(name, file)
    } else if (kind === '.wxml') {
      for (const name of matches(file, /<(?:import|include|wxs)\b[^>]*?\ssrc\s*=\s*["']([^"']+)["']/g))
        this.followFile(name, file, path.extname(name) === '' ? '.wxml' : '')
    } else if (kind === '.wxss') {
      for (const name of matches(file, /@import\s+(?:url\(\s*)?["']([^"']+)["']/g))
        this.followFile(name, file, '')
    } else if (kind === '.wxs') {
      for (const name of matches(file, /\brequire\(\s*["']([^"']+)["']\s*\)/g))
        this.followFile(name, file, path.extname(name) === '' ? '.wxs' : '')
    }
  }

  /**
   * @param {string} name
   * @param {string} from
   */
  followComponent(name, from) {
    const stems = this.candidates(name, from).flatMap((stem) => [stem, path.join(stem, 'index')])
    const stem = stems.find((candidate) => fs.existsSync(`${candidate}.json`))
    if (stem === undefined) throw new Error(`${from} uses the component "${name}", which is not there`)
    for (const extension of COMPONENT_EXTENSIONS) {
      if (fs.existsSync(stem + extension)) this.follow(stem + extension)
    }
  }

  /**
   * @param {string} name
   * @param {string} from
   * @param {string} extension what the format lets the author leave out
   */
  followFile(name, from, extension) {
    const file = this.candidates(name, from).find((candidate) => fs.existsSync(candidate + extension))
    if (file === undefined) throw new Error(`${from} imports "${name}", which is not there`)
    this.follow(file + extension)
  }

  /**
   * Where WeChat looks for a path: beside the file, from the root of the program, then in its npm packages.
   *
   * @param {string} name
   * @param {string} from
   * @returns {string[]}
   */
  candidates(name, from) {
    const spec = name.replace(/^\/?miniprogram_npm\//, '')
    const inPackages = this.packages
      .filter((candidate) => spec === candidate.name || spec.startsWith(`${candidate.name}/`))
      .map((candidate) => path.join(candidate.folder, spec.slice(candidate.name.length)))
    if (name.startsWith('/')) return [path.join(this.rootOf(from), name), ...inPackages]
    return [path.resolve(path.dirname(from), name), ...inPackages]
  }

  /** @param {string} file */
  rootOf(file) {
    return this.packages.find(({ folder }) => isInside(folder, file))?.folder ?? this.appRoot
  }
}

/**
 * Every module that the scripts reach inside the packages.
 *
 * @param {string[]} scripts
 * @param {{ appRoot: string, packages: MiniprogramPackage[] }} input
 * @returns {Promise<string[]>}
 */
async function reachedModules(scripts, { appRoot, packages }) {
  const { build } = await import('esbuild')
  const { metafile } = await build({
    entryPoints: scripts,
    absWorkingDir: appRoot,
    outdir: path.join(appRoot, 'unused'),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'silent',
    plugins: [
      {
        name: 'mini-program packages',
        setup(builder) {
          builder.onResolve({ filter: /^[^./]/ }, ({ path: name, importer, kind }) => {
            if (kind === 'entry-point') return undefined
            const file = findModule(name, importer, packages)
            return file === undefined ? { path: name, external: true } : { path: file }
          })
        },
      },
    ],
  })
  return Object.keys(metafile.inputs)
    .map((file) => path.resolve(appRoot, file))
    .filter((file) => packages.some(({ folder }) => isInside(folder, file)))
}

/**
 * A package may carry packages of its own in a `miniprogram_npm` folder; they come first, as in WeChat.
 *
 * @param {string} name
 * @param {string} importer
 * @param {MiniprogramPackage[]} packages
 */
function findModule(name, importer, packages) {
  const home = packages.find(({ folder }) => isInside(folder, importer))
  const nested = []
  if (home !== undefined) {
    for (let at = path.dirname(importer); ; at = path.dirname(at)) {
      nested.push(path.join(at, 'miniprogram_npm', name))
      if (at === home.folder) break
    }
  }
  const outer = packages
    .filter((candidate) => name === candidate.name || name.startsWith(`${candidate.name}/`))
    .map((candidate) => path.join(candidate.folder, name.slice(candidate.name.length)))
  return [...nested, ...outer]
    .flatMap((stem) => [stem, `${stem}.js`, path.join(stem, 'index.js')])
    .find((file) => fs.existsSync(file) && fs.statSync(file).isFile())
}

/** @param {string} file */
function componentsOf(file) {
  const json = JSON.parse(fs.readFileSync(file, 'utf8'))
  const generics = Object.values(json.componentGenerics ?? {}).map((generic) => generic?.default)
  return [...Object.values(json.usingComponents ?? {}), ...generics].filter(
    (name) => typeof name === 'string',
  )
}

/**
 * @param {string} file
 * @param {RegExp} pattern
 */
function matches(file, pattern) {
  return [...fs.readFileSync(file, 'utf8').matchAll(pattern)].map((match) => match[1] ?? '')
}

/**
 * The program's own files. Packages and build products beside them are not its own.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'miniprogram_npm') return []
    const found = path.join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(found) : [found]
  })
}

/**
 * @param {string} folder
 * @param {string} file
 */
const isInside = (folder, file) => file.startsWith(folder + path.sep)
