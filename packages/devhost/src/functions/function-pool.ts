/** @module The instances of one cloud function: one is started when none is free, and kept for the next event. */
import type { Environment } from '../settings.ts'
import { FunctionFailure, type Instance, type Invocation, startInstance } from './instance.ts'

export interface PoolOptions {
  readonly name: string
  readonly folder: string
  readonly freezes: boolean
  /** Events beyond these wait their turn. */
  readonly maxInstances: number
  readonly onLine: (line: string) => void
  readonly onLeftTimers: (count: number) => void
}

export interface FunctionPool {
  /** @throws FunctionFailure */
  invoke(invocation: Invocation): Promise<unknown>
  /** Instances of now end when they are free; those of later start with this. */
  configure(env: Environment): void
  /** How many processes run now. */
  count(): number
  close(): void
}

interface Member {
  readonly instance: Instance
  busy: boolean
  retired: boolean
}

export function createFunctionPool(options: PoolOptions, firstEnv: Environment): FunctionPool {
  const members = new Set<Member>()
  const queue: (() => void)[] = []
  let env = firstEnv
  let closed = false

  const start = (): Member => {
    const member: Member = {
      busy: true,
      retired: false,
      instance: startInstance({
        ...options,
        env,
        onEnd: () => {
          members.delete(member)
          queue.shift()?.()
        },
      }),
    }
    members.add(member)
    return member
  }
  const take = async (): Promise<Member> => {
    for (;;) {
      if (closed) throw new FunctionFailure('FUNCTION_INVOCATION_FAILED', `${options.name} has been stopped`)
      const free = [...members].find((member) => !member.busy && !member.retired)
      if (free !== undefined) {
        free.busy = true
        return free
      }
      if (members.size < options.maxInstances) return start()
      await new Promise<void>((next) => queue.push(next))
    }
  }
  const give = (member: Member): void => {
    member.busy = false
    if (member.retired) member.instance.kill()
    else queue.shift()?.()
  }

  return {
    invoke: async (invocation) => {
      const member = await take()
      try {
        return await member.instance.invoke(invocation)
      } catch (error) {
        // A process that was killed or has crashed serves nothing more, whenever its end is noticed.
        if (error instanceof FunctionFailure && error.code === 'FUNCTION_TIME_LIMIT_EXCEEDED')
          member.retired = true
        throw error
      } finally {
        give(member)
      }
    },
    configure: (next) => {
      env = next
      for (const member of members) {
        member.retired = true
        if (!member.busy) member.instance.kill()
      }
    },
    count: () => members.size,
    close: () => {
      closed = true
      for (const member of members) member.instance.kill()
      for (const next of queue.splice(0)) next()
    },
  }
}
