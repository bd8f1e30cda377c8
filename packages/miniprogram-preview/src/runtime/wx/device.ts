/** @module What the phone is: sizes, system, network, clipboard, vibration. */
import type { PhoneConfig } from '../phone-config.ts'
import { CallFailure, wxCall } from './call.ts'

const NAVIGATION_BAR_PX = 44

/** Sizes of the phone drawn in this window. */
export function statusBarHeight(): number {
  // Phones with a notch are tall; the others have the classic bar.
  return innerHeight >= 780 ? 44 : 20
}

export function deviceFunctions(config: PhoneConfig, screen: HTMLElement): Record<string, unknown> {
  const safeArea = () => ({
    left: 0,
    top: statusBarHeight(),
    right: innerWidth,
    bottom: innerHeight,
    width: innerWidth,
    height: innerHeight - statusBarHeight(),
  })
  const windowInfo = () => ({
    pixelRatio: devicePixelRatio,
    screenWidth: innerWidth,
    screenHeight: innerHeight,
    windowWidth: innerWidth,
    windowHeight: screen.clientHeight || innerHeight,
    statusBarHeight: statusBarHeight(),
    screenTop: screen.getBoundingClientRect().top,
    safeArea: safeArea(),
  })
  const deviceInfo = () => ({
    brand: 'devtools',
    model: 'miniprogram-preview',
    system: 'iOS 17.0',
    platform: 'devtools',
    benchmarkLevel: 1,
    abi: '',
    cpuType: '',
    memorySize: 4096,
  })
  const appBaseInfo = () => ({
    SDKVersion: '3.8.0',
    version: '8.0.50',
    language: 'zh_CN',
    theme: 'light',
    enableDebug: false,
    fontSizeSetting: 16,
    fontSizeScaleFactor: 1,
    host: { env: 'WeChat' },
  })
  const systemInfo = () => ({ ...windowInfo(), ...deviceInfo(), ...appBaseInfo() })
  const launch = () => ({
    path: location.hash.replace(/^#\/?/, ''),
    query: {},
    scene: 1001,
    referrerInfo: {},
  })
  return {
    getWindowInfo: windowInfo,
    getDeviceInfo: deviceInfo,
    getAppBaseInfo: appBaseInfo,
    getSystemInfoSync: systemInfo,
    getSystemInfo: wxCall('getSystemInfo', systemInfo),
    getSystemInfoAsync: wxCall('getSystemInfoAsync', systemInfo),
    getSystemSetting: () => ({
      bluetoothEnabled: false,
      locationEnabled: false,
      wifiEnabled: true,
      deviceOrientation: 'portrait',
    }),
    getAppAuthorizeSetting: () => ({}),
    getMenuButtonBoundingClientRect: () => {
      const top = statusBarHeight() + (NAVIGATION_BAR_PX - 32) / 2
      return { width: 87, height: 32, top, bottom: top + 32, left: innerWidth - 94, right: innerWidth - 7 }
    },
    getAccountInfoSync: () => ({
      miniProgram: { appId: config.appKey, envVersion: 'develop', version: '' },
      plugin: {},
    }),
    getLaunchOptionsSync: launch,
    getEnterOptionsSync: launch,
    getNetworkType: wxCall('getNetworkType', () => ({ networkType: navigator.onLine ? 'wifi' : 'none' })),
    onNetworkStatusChange: (listener: (status: { isConnected: boolean; networkType: string }) => void) => {
      addEventListener('online', () => listener({ isConnected: true, networkType: 'wifi' }))
      addEventListener('offline', () => listener({ isConnected: false, networkType: 'none' }))
    },
    offNetworkStatusChange() {},
    setClipboardData: wxCall<{ data: string }>('setClipboardData', async ({ data }) => {
      clipboard = data
      // A page without focus may not write to the real clipboard; the program's own copy still works.
      await navigator.clipboard?.writeText(data).catch(() => undefined)
    }),
    getClipboardData: wxCall('getClipboardData', () => ({ data: clipboard })),
    vibrateShort: wxCall('vibrateShort', () => void navigator.vibrate?.(15)),
    vibrateLong: wxCall('vibrateLong', () => void navigator.vibrate?.(400)),
    makePhoneCall: wxCall<{ phoneNumber: string }>('makePhoneCall', ({ phoneNumber }) => {
      throw new CallFailure(`a browser cannot call ${phoneNumber}`)
    }),
    hideKeyboard: wxCall('hideKeyboard', () => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    }),
    getUpdateManager: () => ({
      onCheckForUpdate() {},
      onUpdateReady() {},
      onUpdateFailed() {},
      applyUpdate() {},
    }),
    getLogManager: () => console,
    getRealtimeLogManager: () => console,
  }
}

let clipboard = ''
