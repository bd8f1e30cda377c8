/** @module Raises the `ready` lifetime, which glass-easel leaves to its host: after layout, children before parents. */
import type { CodeSpace, Instance } from 'glass-easel-miniprogram-adapter'

/** Must be called before any component is registered. */
export function raiseReadyLifetimes(codeSpace: CodeSpace): void {
  let waiting: Instance[] = []
  const flush = () => {
    const instances = waiting.reverse()
    waiting = []
    for (const { _$: component } of instances) {
      if (component.$$.isConnected) component.triggerLifetime('ready', [])
    }
  }
  const behavior = codeSpace.getComponentSpace().defineBehavior({
    lifetimes: {
      attached(this: Instance) {
        if (waiting.length === 0) requestAnimationFrame(flush)
        waiting.push(this)
      },
    },
  })
  codeSpace.setOverallBehavior(behavior)
}
