/** @module How a change stands in a changelog: its own sentence, and no commit before it. */

module.exports = {
  getReleaseLine: async ({ summary }) => `* ${summary.trim().replaceAll('\n', '\n  ')}`,
  getDependencyReleaseLine: async () => '',
}
