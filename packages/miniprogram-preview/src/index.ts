/** @module A native WeChat mini-program, unmodified, in a real browser: the compiler and the preview server. */
export { type CompileOptions, type CompileResult, compileMiniprogram } from './compile/compile-miniprogram.ts'
export { formatProblem, PreviewCompileError, type Problem } from './compile/problems.ts'
export {
  type DeliveredMessage,
  type MessageTemplate,
  type OpenedCashier,
  type PanelLink,
  type PanelSwitch,
  type PaymentParams,
  type Preview,
  type PreviewMessages,
  type PreviewOptions,
  PreviewOptionsError,
  type PreviewPanel,
  type PreviewPlatform,
  type Shopper,
} from './server/options.ts'
export { startPreview } from './server/start-preview.ts'
