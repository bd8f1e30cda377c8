/**
 * A jest transformer that plants one known bug (named by PLANTED_BUG) while compiling: no file is touched, and a run
 * that is interrupted leaves nothing behind.
 */
const { createHash } = require('node:crypto')
const path = require('node:path')
const { createTransformer } = require('@swc/jest').default ?? require('@swc/jest')
const bugs = require('./bugs.json')

const root = path.resolve(__dirname, '../..')
const bug = bugs.find((candidate) => candidate.name === process.env.PLANTED_BUG)
if (bug === undefined) throw new Error(`there is no planted bug named ${process.env.PLANTED_BUG}`)

/** The source with the bug in it, or as it was when the bug lives elsewhere. */
const plant = (source, filename) => {
  const file = path.relative(root, filename).split(path.sep).join('/')
  let planted = source
  for (const edit of bug.edits) {
    if (edit.file !== file) continue
    if (planted.split(edit.find).length !== 2)
      throw new Error(`planted bug ${bug.name}: its place in ${file} is not there exactly once any more`)
    planted = planted.replace(edit.find, () => edit.replace)
  }
  return planted
}

module.exports = {
  createTransformer: (options) => {
    const swc = createTransformer(options)
    return {
      ...swc,
      process: (source, filename, context) => swc.process(plant(source, filename), filename, context),
      getCacheKey: (source, filename, context) =>
        createHash('sha1')
          .update(`${swc.getCacheKey(source, filename, context)} ${JSON.stringify(bug)}`)
          .digest('hex'),
    }
  },
}
