/**
 * @module callFunction: the functions this environment has, run in this process.
 */

import type { Action } from './action.ts'
import { CloudError } from './cloud-error.ts'

/** What stands for a cloud function: its event in, its return value out. */
export type CloudFunction = (event: unknown) => unknown
export type CloudFunctions =
  | Readonly<Record<string, CloudFunction>>
  | ((name: string, event: unknown) => unknown)

export function functionActions(functions: CloudFunctions): Readonly<Record<string, Action>> {
  return {
    'functions.invokeFunction': async (request) => {
      const name = request.text('function_name')
      const event = request.get('request_data')
      request.assertAllRead()
      const run =
        typeof functions === 'function' ? (data: unknown) => functions(name, data) : own(functions, name)
      if (run === undefined) {
        throw new CloudError(
          'FUNCTIONS_REQUEST_FAIL',
          `[ResourceNotFound.Function] 未找到函数版本，请创建后再试。FunctionName: ${name}`,
        )
      }
      let result: unknown
      try {
        result = await run(typeof event === 'string' && event !== '' ? JSON.parse(event) : {})
      } catch (error) {
        throw new CloudError('FUNCTIONS_EXECUTE_FAIL', error instanceof Error ? error.message : String(error))
      }
      return { data: { response_data: result === undefined ? '' : JSON.stringify(result) } }
    },
  }
}

function own(functions: Readonly<Record<string, CloudFunction>>, name: string): CloudFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined
}
