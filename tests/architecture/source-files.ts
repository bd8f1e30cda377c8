/** @module The sources of the project and what they import, read as text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

export const ROOT = resolve(__dirname, '../..')

const SKIPPED = new Set(['node_modules', 'dist', 'output', 'miniprogram_npm', 'coverage'])

/** Files below a folder of the project, as paths from its root with forward slashes. */
export const filesBelow = (folder: string, endings: readonly string[]): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.ci')) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesBelow(path, endings)
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
  })

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Module specifiers of a source file: static, dynamic, re-exported, required. Comments don't count. */
export const importsOf = (path: string): string[] => {
  const source = read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/g
  // A specifier with a hole in it is text that makes code, not an import.
  return [...source.matchAll(pattern)]
    .flatMap((match) => match[1] ?? match[2] ?? match[3] ?? [])
    .filter((specifier) => !specifier.includes('${'))
}

/** The file a relative import leads to, from the project's root; null when it leads nowhere. */
export const resolveRelative = (from: string, specifier: string): string | null => {
  const base = resolve(ROOT, dirname(from), specifier)
  for (const candidate of [base, `${base}.ts`, `${base}.js`, `${base}.mjs`, join(base, 'index.ts')])
    if (existsSync(candidate) && !candidate.endsWith(sep) && /\.[a-z]+$/.test(candidate))
      return relative(ROOT, candidate).split(sep).join('/')
  return null
}
