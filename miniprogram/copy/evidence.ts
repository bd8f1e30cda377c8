/** @module The words around pictures of evidence (退款凭证): choosing, uploading, looking. */

export const evidenceCopy = {
  title: '退款凭证',
  optional: '选填',
  hint: (most: number): string =>
    `最多 ${most} 张，每张不超过 2 MB，支持 JPG、PNG、WebP。只有您和商家看得到。`,
  add: '添加图片',
  count: (chosen: number, most: number): string => `${chosen}/${most}`,
  look: (position: number): string => `查看第 ${position} 张图片`,
  remove: (position: number): string => `移除第 ${position} 张图片`,
  retry: '重试',
  retryOne: (position: number): string => `重新上传第 ${position} 张图片`,
  failed: '未上传',
  preparing: '准备中',
  progress: (percent: number): string => `${percent}%`,
  notAllowed: '没有打开相机或相册。请在微信的“设置”里允许使用后再试。',
  /** Instead of a picture that can't be loaded. */
  missing: '图片没有打开',
  again: '点此重试',
} as const

/** What is to be mended before a request can be sent. */
export const evidenceProblemCopy = {
  uploading: '图片还在上传，请稍等片刻再提交。',
  failed: '有图片没有上传成功，请重试或移除后再提交。',
} as const

/** The picture of a product. */
export const pictureFieldCopy = {
  label: '商品图片（选填）',
  choose: '上传图片',
  change: '换一张',
  remove: '移除',
  look: '查看商品图片',
  none: '还没有图片',
  uploading: '上传中',
  hint: '方形图片最好看，不超过 2 MB，支持 JPG、PNG、WebP。保存后所有顾客都能看到。',
  notAllowed: evidenceCopy.notAllowed,
  wait: '图片还在上传，请稍等片刻再保存。',
} as const

/** Why one picture was not taken. */
export const pictureProblemCopy = {
  tooLarge: '这张图片超过 2 MB，压缩后仍然太大。请裁剪一下，或换一张。',
  wrongKind: '这张图片的格式不支持，请换成 JPG、PNG 或 WebP 图片。',
  tooMany: '上传的图片有些多，请稍后再试。',
} as const
