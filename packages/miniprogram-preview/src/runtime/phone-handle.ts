/** @module What tests hold of a running phone. */
import type { Instance } from 'glass-easel-miniprogram-adapter'
import type { AppInstance } from './definitions.ts'

export interface MountedComponent {
  readonly instance: Instance
  readonly element: HTMLElement
  /** Listens to an event the component triggers. */
  readonly on: (name: string, listener: (detail: unknown) => void) => void
  readonly release: () => void
}

export interface PhoneHandle {
  /** Runs App's onLaunch and onShow and opens the first page. */
  readonly launch: () => void
  /** Opens a page above the others (or in place of them all). */
  readonly open: (
    url: string,
    how?: 'navigateTo' | 'reLaunch',
  ) => { readonly instance: Instance; readonly element: HTMLElement }
  readonly current: () =>
    | { readonly instance: Instance; readonly element: HTMLElement; readonly route: string }
    | undefined
  /** Mounts one component by its id, on its own. */
  readonly mount: (id: string, properties: Readonly<Record<string, unknown>>) => MountedComponent
  readonly app: () => AppInstance
  readonly wx: Record<string, unknown>
  /** Toasts, modals and sheets. */
  readonly overlay: ShadowRoot
  /** Closes every page, toast and sheet. */
  readonly reset: () => void
}

declare global {
  var miniprogramPhone: PhoneHandle | undefined
}
