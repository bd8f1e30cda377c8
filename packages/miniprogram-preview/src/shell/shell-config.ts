/** @module What the server tells the page around the phones. */

export interface PanelSwitchView {
  readonly id: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly value: string
}

export interface LinkView {
  readonly label: string
  readonly href: string
  readonly takesFragment?: true
}

export interface ShellConfig {
  readonly title: string
  readonly token: string
  readonly shoppers: readonly { readonly openid: string; readonly name: string }[]
  readonly links: readonly LinkView[]
  readonly switches: readonly PanelSwitchView[]
}

export function readShellConfig(): ShellConfig {
  return JSON.parse(document.getElementById('shell-config')?.textContent ?? '{}')
}
