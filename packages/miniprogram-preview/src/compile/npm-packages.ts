/** @module Finds npm packages of a program, in `node_modules` or in the `miniprogram_npm` that WeChat DevTools builds. */
import fs from 'node:fs'
import path from 'node:path'
import { isJsonObject } from './json-file.ts'

export interface BareSpecifier {
  readonly name: string
  /** What follows the package name, without the slash; empty for the package itself. */
  readonly rest: string
}

/** Splits `@scope/name/a/b` into the package and the path inside it. */
export function splitBareSpecifier(specifier: string): BareSpecifier | undefined {
  const match = /^((?:@[^/]+\/)?[^./@][^/]*)(?:\/(.*))?$/.exec(specifier)
  const name = match?.[1]
  return name === undefined ? undefined : { name, rest: match?.[2] ?? '' }
}

/**
 * The mini-program packages in use. `node_modules` wins over `miniprogram_npm`: the latter is a build product that
 * may be older than its source.
 */
export class NpmPackages {
  private readonly found = new Map<string, string | undefined>()
  private readonly appRoot: string
  private readonly overrides: Readonly<Record<string, string>>

  constructor(appRoot: string, overrides: Readonly<Record<string, string>>) {
    this.appRoot = appRoot
    this.overrides = overrides
  }

  /** The folder with the package's mini-program files, or undefined when it has none. */
  folderOf(name: string): string | undefined {
    if (!this.found.has(name)) this.found.set(name, this.search(name))
    return this.found.get(name)
  }

  /** Every package met so far that has mini-program files, as [name, folder]. */
  entries(): [string, string][] {
    return [...this.found].filter((entry): entry is [string, string] => entry[1] !== undefined)
  }

  private search(name: string): string | undefined {
    const override = this.overrides[name]
    if (override !== undefined) return path.resolve(override)
    for (const folder of parentsOf(this.appRoot)) {
      const root = path.join(folder, 'node_modules', name)
      const manifest = path.join(root, 'package.json')
      if (!fs.existsSync(manifest)) continue
      const parsed: unknown = JSON.parse(fs.readFileSync(manifest, 'utf8'))
      const field = isJsonObject(parsed) ? parsed.miniprogram : undefined
      return typeof field === 'string' ? path.join(fs.realpathSync(root), field) : undefined
    }
    const built = path.join(this.appRoot, 'miniprogram_npm', name)
    return fs.existsSync(built) ? built : undefined
  }
}

function parentsOf(folder: string): string[] {
  const parents = [folder]
  for (let at = folder; path.dirname(at) !== at; at = path.dirname(at)) parents.push(path.dirname(at))
  return parents
}
