/** @module Options of a command: known ones only, and a plain sentence about any other. */
import { parseArgs } from 'node:util'

/**
 * @template {import('node:util').ParseArgsConfig['options']} O
 * @param {O} options
 * @param {string} usage printed after a mistake
 */
export function readArguments(options, usage) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
  }
}
