/** @module A small reader of JSON Schema: what our OpenAPI document says is compared with what is really answered. */

type Json = unknown
type Schema = { readonly [keyword: string]: Json }

const KNOWN = new Set(
  `type properties required additionalProperties items enum const anyOf $ref minimum maximum pattern minLength
   maxLength minItems maxItems propertyNames format description default`.split(/\s+/),
)

/** Every way in which a value is not what its schema says, as `path: problem`. */
export const mismatches = (schema: Json, value: Json, definitions: Schema, path = '$'): string[] => {
  if (!isObject(schema)) return [`${path}: has no schema`]
  const unknown = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword))
  if (unknown.length > 0) return [`${path}: this reader does not know ${unknown.join(', ')}`]
  const { $ref, anyOf } = schema
  if (typeof $ref === 'string')
    return mismatches(definitions[$ref.replace('#/components/schemas/', '')], value, definitions, path)
  if (Array.isArray(anyOf)) {
    const tries = anyOf.map((option) => mismatches(option, value, definitions, path))
    return tries.some((problems) => problems.length === 0) ? [] : tries.flat()
  }
  return [
    ...ofAny(schema, value, path),
    ...(typeof value === 'string' ? ofText(schema, value, path) : []),
    ...(typeof value === 'number' ? ofNumber(schema, value, path) : []),
    ...(Array.isArray(value) ? ofList(schema, value, definitions, path) : []),
    ...(isObject(value) ? ofObject(schema, value, definitions, path) : []),
  ]
}

const isObject = (value: Json): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (value: Json): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

const ofAny = (schema: Schema, value: Json, path: string): string[] => [
  ...(schema.type === undefined || [schema.type].flat().includes(typeOf(value))
    ? []
    : [`${path}: is no ${schema.type}`]),
  ...('const' in schema && schema.const !== value ? [`${path}: is not ${schema.const}`] : []),
  ...(Array.isArray(schema.enum) && !schema.enum.includes(value) ? [`${path}: is none of the list`] : []),
]

const ofText = ({ pattern, format, minLength, maxLength }: Schema, value: string, path: string): string[] => {
  const length = [...value].length
  const fits =
    (typeof pattern !== 'string' || new RegExp(pattern).test(value)) &&
    (format !== 'date-time' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) &&
    (typeof minLength !== 'number' || length >= minLength) &&
    (typeof maxLength !== 'number' || length <= maxLength)
  return fits ? [] : [`${path}: ${value} is not so written`]
}

const ofNumber = ({ minimum, maximum }: Schema, value: number, path: string): string[] => {
  const fits =
    (typeof minimum !== 'number' || value >= minimum) && (typeof maximum !== 'number' || value <= maximum)
  return fits ? [] : [`${path}: ${value} is out of bounds`]
}

const ofList = (schema: Schema, value: readonly Json[], definitions: Schema, path: string): string[] => {
  const { minItems, maxItems } = schema
  const fits =
    (typeof minItems !== 'number' || value.length >= minItems) &&
    (typeof maxItems !== 'number' || value.length <= maxItems)
  return [
    ...(fits ? [] : [`${path}: has ${value.length} items`]),
    ...value.flatMap((item, i) => mismatches(schema.items, item, definitions, `${path}.${i}`)),
  ]
}

const ofObject = (schema: Schema, value: Schema, definitions: Schema, path: string): string[] => {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${path}.${name}: is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const own = name in properties ? properties[name] : schema.additionalProperties
      if (own === false) return [`${path}.${name}: is not named`]
      return isObject(own) ? mismatches(own, member, definitions, `${path}.${name}`) : []
    }),
  ]
}
