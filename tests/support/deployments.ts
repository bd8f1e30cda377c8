/** @module The four ways the shop is deployed, each as real as this machine allows: two databases, a server or bundles. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readConfig, startBackend } from '@yuanlu/backend'
import { startFunctionHost } from '@yuanlu/devhost'
import type { Sandbox } from 'wechat-sandbox'
import { startTestCloud } from './cloudbase'
import { testDatabase } from './postgres'

export type Api = 'v2' | 'v3'

export interface Deployment {
  readonly store: 'postgres' | 'cloudbase'
  readonly runsAs: 'server' | 'functions'
}

export const PLAIN: Deployment = { store: 'postgres', runsAs: 'server' }

/** All but the plain one, with their titles. */
export const OTHERS: readonly (readonly [string, Deployment])[] = [
  ['as cloud functions on PostgreSQL', { store: 'postgres', runsAs: 'functions' }],
  ['as a server on the cloud database', { store: 'cloudbase', runsAs: 'server' }],
  ['as cloud functions on the cloud database', { store: 'cloudbase', runsAs: 'functions' }],
]

/** What every journey is told under: title, protocol, deployment. */
export const JOURNEYS: readonly (readonly [string, Api, Deployment])[] = [
  ['under APIv3', 'v3', PLAIN],
  ['under APIv2', 'v2', PLAIN],
  ...OTHERS.flatMap(([where, deployment]) => [
    [`under APIv3, ${where}`, 'v3', deployment] as const,
    [`under APIv2, ${where}`, 'v2', deployment] as const,
  ]),
]

/** Where a shop keeps its orders: the variables that lead to it, and its end. */
export interface TestStore {
  readonly variables: Readonly<Record<string, string>>
  close(): Promise<void>
}

export const startTestStore = async (store: Deployment['store']): Promise<TestStore> => {
  if (store === 'cloudbase') {
    const cloud = await startTestCloud()
    return { variables: { STORE: store, ...cloud.emulator.environment }, close: () => cloud.close() }
  }
  const database = await testDatabase()
  return { variables: { STORE: store, DATABASE_URL: database.url }, close: () => database.drop() }
}

/** A shop that is open, whatever it runs as. */
export interface OpenShop {
  readonly url: string
  readonly port: number
  /** Runs what is due, as the platform's timer or a server's own interval would. */
  tick(): Promise<unknown>
  /** Changes the protocol of new trades. */
  chooseApi(api: Api): void
  close(): Promise<void>
}

export const openTestShop = async (
  runsAs: Deployment['runsAs'],
  input: { readonly env: Readonly<Record<string, string>>; readonly sandbox: Sandbox; readonly api: Api },
): Promise<OpenShop> => {
  const { sandbox } = input
  const clock = () => sandbox.now()
  if (runsAs === 'server') {
    let api = input.api
    const silent = () => undefined
    const backend = await startBackend({
      config: readConfig(input.env),
      clock,
      extraCaPem: await readFile(sandbox.info.caFile, 'utf8'),
      newTradesApi: () => api,
      log: { info: silent, warn: silent, error: silent },
    })
    return {
      url: backend.url,
      port: backend.port,
      tick: () => backend.tick(),
      chooseApi: (next) => {
        api = next
      },
      close: () => backend.close(),
    }
  }
  const host = await startFunctionHost({
    folder: await builtFunctions(input.env.STORE === 'cloudbase' ? 'cloudbase' : 'postgres'),
    port: Number(input.env.PORT),
    env: { ...input.env, WXPAY_API: input.api, NODE_EXTRA_CA_CERTS: sandbox.info.caFile },
    clock,
    timers: false,
    freezes: true,
    log: () => undefined,
  })
  return {
    url: host.url,
    port: host.port,
    tick: () => host.fireTimer('jobs'),
    chooseApi: (api) => host.configure({ WXPAY_API: api }),
    close: async () => {
      await host.close()
      // Frozen with its answer, a function would go on with whatever it left when somebody else calls.
      expect(host.leftTimers()).toBe(0)
    },
  }
}

interface BuildModule {
  buildCloudFunctions(input: { outDir: string; store: Deployment['store'] }): Promise<unknown>
}

const building = new Map<string, Promise<string>>()

/** The bundles, made by the same code as `npm run build`; once for each of jest's workers. */
export const builtFunctions = (store: Deployment['store']): Promise<string> => {
  const outDir = resolve(__dirname, `../output/functions/${process.env.JEST_WORKER_ID ?? '0'}/${store}`)
  const { buildCloudFunctions } = jest.requireActual<BuildModule>('../../scripts/build/cloud-functions.mjs')
  const built = building.get(store) ?? buildCloudFunctions({ outDir, store }).then(() => outDir)
  building.set(store, built)
  return built
}
