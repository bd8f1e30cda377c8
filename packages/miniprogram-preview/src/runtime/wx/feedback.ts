/** @module Toasts, modals, action sheets. */

import { assetUrl } from '../asset-url.ts'
import { type ActionSheetOptions, showActionSheet } from '../chrome/action-sheet.ts'
import { type ModalOptions, showModal } from '../chrome/modal.ts'
import type { Overlay } from '../chrome/overlay.ts'
import type { ToastOptions, Toasts } from '../chrome/toast.ts'
import { CallFailure, wxCall } from './call.ts'

const TOAST_MS = 1500

export function feedbackFunctions(overlay: Overlay, toasts: Toasts): Record<string, unknown> {
  return {
    showToast: wxCall<{
      title?: string
      icon?: ToastOptions['icon']
      image?: string
      duration?: number
      mask?: boolean
    }>('showToast', ({ title = '', icon = 'success', image, duration = TOAST_MS, mask = false }) =>
      toasts.show({ title, icon, mask, durationMs: duration, ...(image ? { image: assetUrl(image) } : {}) }),
    ),
    hideToast: wxCall('hideToast', () => toasts.hide()),
    showLoading: wxCall<{ title?: string; mask?: boolean }>('showLoading', ({ title = '', mask = false }) =>
      toasts.show({ title, icon: 'loading', mask }),
    ),
    hideLoading: wxCall('hideLoading', () => toasts.hide()),
    showModal: wxCall<ModalOptions>('showModal', (options) => showModal(overlay, options)),
    showActionSheet: wxCall<ActionSheetOptions>('showActionSheet', async (options) => {
      const tapIndex = await showActionSheet(overlay, options)
      if (tapIndex === undefined) throw new CallFailure('cancel')
      return { tapIndex }
    }),
  }
}
