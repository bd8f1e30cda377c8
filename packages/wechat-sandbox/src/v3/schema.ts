/**
 * @module Checks a v3 body against a table of fields and words the first violation as WeChat Pay does.
 */
import { isRecord } from '../json.ts'
import { parameterError, type V3Answer } from './answer.ts'

export type Field =
  | {
      readonly type: 'string'
      readonly label: string
      readonly required?: boolean
      /** In characters (code points), not bytes. */
      readonly min?: number
      readonly max?: number
      readonly pattern?: RegExp
      readonly values?: readonly string[]
    }
  | {
      readonly type: 'integer'
      readonly label: string
      readonly required?: boolean
      readonly min?: number
      readonly max?: number
    }
  | { readonly type: 'boolean'; readonly label: string; readonly required?: boolean }
  | { readonly type: 'object'; readonly label: string; readonly required?: boolean; readonly fields: Fields }
  | {
      readonly type: 'array'
      readonly label: string
      readonly required?: boolean
      readonly of: Field
      readonly maxItems?: number
    }

export type Fields = Readonly<Record<string, Field>>

/** The answer to the first member that is wrong, in the table's order; undefined when all is well. */
export function checkBody(fields: Fields, body: unknown): V3Answer | undefined {
  if (!isRecord(body)) {
    return parameterError({
      location: 'body',
      field: '',
      value: undefined,
      issue: 'invalid json',
      message: '请求包体不是合法的JSON对象',
    })
  }
  return checkMembers(fields, body, '')
}

function checkMembers(
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  pointer: string,
): V3Answer | undefined {
  for (const [name, field] of Object.entries(fields)) {
    const member = value[name]
    const at = `${pointer}/${name}`
    if (member === undefined || member === null) {
      if (field.required !== true) continue
      return parameterError({
        location: 'body',
        field: at,
        value: undefined,
        issue: 'required',
        message: `输入源“/body${at}”映射到字段“${field.label}”必填性规则校验失败，此字段为必填项`,
      })
    }
    const refusal = checkValue(field, member, at)
    if (refusal !== undefined) return refusal
  }
  const extra = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
  if (extra === undefined) return undefined
  return parameterError({
    location: 'body',
    field: `${pointer}/${extra}`,
    value: undefined,
    issue: 'extra parameter',
    message: `请求中含有未在API文档中定义的参数：${extra.slice(0, 64)}`,
    number: 270924358,
  })
}

function checkValue(field: Field, value: unknown, at: string): V3Answer | undefined {
  const refuse = (kind: string, issue: string, message: string): V3Answer =>
    parameterError({
      location: 'body',
      field: at,
      value: typeof value === 'object' ? undefined : value,
      issue,
      message: `输入源“/body${at}”映射到${kind}“${field.label}”${message}`,
    })
  switch (field.type) {
    case 'string': {
      if (typeof value !== 'string') return refuse('值字段', 'type', '字符串规则校验失败，类型不是字符串')
      const length = [...value].length
      const { min = 1, max, pattern, values } = field
      if (length < min)
        return refuse('值字段', 'length', `字符串规则校验失败，字符数 ${length}，小于最小值 ${min}`)
      if (max !== undefined && length > max) {
        return refuse('值字段', 'length', `字符串规则校验失败，字符数 ${length}，大于最大值 ${max}`)
      }
      if (!value.isWellFormed()) return refuse('值字段', 'charset', '字符串规则校验失败，编码不是UTF-8')
      if (pattern !== undefined && !pattern.test(value))
        return refuse('值字段', 'charset', '字符串规则校验失败，格式不正确')
      if (values !== undefined && !values.includes(value))
        return refuse('枚举字段', 'enum', '规则校验失败，不是可选的值')
      return undefined
    }
    case 'integer': {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        return refuse('数值字段', 'type', '规则校验失败，类型不是整数')
      }
      const { min, max } = field
      if (min !== undefined && value < min)
        return refuse('数值字段', 'range', `规则校验失败，值低于最小值 ${min}`)
      if (max !== undefined && value > max)
        return refuse('数值字段', 'range', `规则校验失败，值高于最大值 ${max}`)
      return undefined
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : refuse('布尔字段', 'type', '规则校验失败，类型不是布尔')
    case 'object':
      return isRecord(value)
        ? checkMembers(field.fields, value, at)
        : refuse('对象字段', 'type', '规则校验失败，类型不是对象')
    case 'array': {
      if (!Array.isArray(value)) return refuse('数组字段', 'type', '规则校验失败，类型不是数组')
      const items: unknown[] = value
      if (field.maxItems !== undefined && items.length > field.maxItems) {
        return refuse(
          '数组字段',
          'length',
          `规则校验失败，元素数 ${items.length}，大于最大值 ${field.maxItems}`,
        )
      }
      for (const [index, item] of items.entries()) {
        const refusal = checkValue(field.of, item, `${at}/${index}`)
        if (refusal !== undefined) return refusal
      }
      return undefined
    }
  }
}
