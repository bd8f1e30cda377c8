/**
 * @module A plugin of typedoc: `@module` is followed by a sentence that says what a file is, as everywhere here, and not by a name.
 */

/** @typedef {{ tag: string, content: { kind: string, text: string }[] }} Tag */
/** @typedef {{ summary: { kind: string, text: string }[], blockTags: Tag[] }} Comment */

/**
 * Called by typedoc. Its own handler would take the sentence for the name.
 *
 * @param {{ converter: { on(event: string, listener: (context: unknown, reflection: { comment?: Comment }) => void, priority: number): void } }} app
 */
export function load({ converter }) {
  converter.on(
    'createDeclaration',
    (_, { comment }) => {
      const tag = comment?.blockTags.find((one) => one.tag === '@module')
      if (comment === undefined || tag === undefined) return
      comment.summary = tag.content
      comment.blockTags = comment.blockTags.filter((one) => one !== tag)
    },
    1_000,
  )
}
