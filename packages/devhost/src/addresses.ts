/** @module What is printed when everything runs: where to look, what to open, where the data is. */

export interface Address {
  readonly chinese: string
  readonly english: string
  readonly value: string
}

/**
 * A block of addresses, aligned on a terminal, where a Chinese character is two columns wide.
 */
export function addressBlock(title: string, addresses: readonly Address[], footer: string): string {
  const label = ({ chinese, english }: Address) => `${chinese} ${english}`
  const widest = Math.max(...addresses.map((address) => columns(label(address))))
  const lines = addresses.map((address) => {
    const gap = ' '.repeat(widest - columns(label(address)) + 3)
    return `  ${label(address)}${gap}${address.value}`
  })
  return ['', `  ${title}`, '', ...lines, '', `  ${footer}`, ''].join('\n')
}

function columns(text: string): number {
  return [...text].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0)
}
