/** @module Whether a second core is free at the moment: what runs side by side can be judged only where there is one. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const MS = 300

/** Lets two threads spin, and looks whether they got nearly two cores. */
export async function hasFreeCore() {
  const worker = new Worker(`const end = Date.now() + ${MS * 2}; while (Date.now() < end);`, { eval: true })
  const ended = once(worker, 'exit')
  await once(worker, 'online')
  const from = process.cpuUsage()
  const fromWall = performance.now()
  while (performance.now() - fromWall < MS);
  const { user, system } = process.cpuUsage(from)
  const cores = (user + system) / 1_000 / (performance.now() - fromWall)
  await ended
  return cores > 1.8
}
