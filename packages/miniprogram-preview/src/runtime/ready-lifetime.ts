/** @module Raises the `ready` lifetime, which glass-easel leaves to its host: after layout, children before parents. */
import type { CodeSpace, Instance } from 'glass-easel-miniprogram-adapter'

/** Must be called before any component is registered. */
export function raiseReadyLifetimes(codeSpace: CodeSpace): void {
  const waiting = new Set<Instance>()
  const flush = () => {
    const instances = [...waiting].reverse()
    waiting.clear()
    for (const instance of instances) instance._$.triggerLifetime('ready', [])
  }
  const behavior = codeSpace.getComponentSpace().defineBehavior({
    lifetimes: {
      attached(this: Instance) {
        if (waiting.size === 0) requestAnimationFrame(flush)
        waiting.add(this)
      },
      detached(this: Instance) {
        waiting.delete(this)
      },
    },
  })
  codeSpace.setOverallBehavior(behavior)
}
