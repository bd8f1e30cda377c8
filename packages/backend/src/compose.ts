/** @module Puts the rooms together, whatever the store and whoever calls: configuration and a driver in, an open shop out. */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { NotificationReader } from '@yuanlu/gateway-wechat'
import type { ShopDeps, Store } from '@yuanlu/shop'
import type { BackendConfig } from './config.ts'
import { connectWechat, type WechatOptions } from './connect-wechat.ts'
import type { BaseDeps } from './http/base-app.ts'
import type { StoreDriver, Surroundings } from './store-driver.ts'

export interface ShopOptions extends WechatOptions, Surroundings {
  readonly driver: StoreDriver
}

/** The shop with its doors open: what every kind of caller needs, and nothing that only some do. */
export interface OpenShop extends ShopDeps, BaseDeps {
  readonly config: BackendConfig
  readonly notifications: NotificationReader
  /** Resolves when nothing is under way that no call waits for. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Opens the store and connects WeChat. Nothing is left open when it fails. */
export const openShop = async (options: ShopOptions): Promise<OpenShop> => {
  const { config, driver, clock, log, runsAs } = options
  const wechat = connectWechat(options)
  let store: Store
  try {
    store = await driver.open(config.store, { log, clock, runsAs })
  } catch (error) {
    wechat.destroy()
    throw error
  }
  return {
    config,
    clock,
    pause: setTimeout,
    log,
    store,
    newId: () => randomBytes(16).toString('base64url'),
    isUnavailable: driver.isUnavailable,
    gateway: wechat.gateway,
    platform: wechat.platform,
    notifications: wechat.notifications,
    settled: wechat.settled,
    settings: {
      orderTtlMs: config.orderTtlMs,
      autoApproveMs: config.autoApproveMs,
      secondApprovalFen: config.secondApprovalFen,
      returnMs: config.returnMs,
    },
    close: async () => {
      wechat.destroy()
      await store.close()
    },
  }
}
