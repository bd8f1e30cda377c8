/** @module What the compiler tells the runtime about a program. */

export interface UnitManifest {
  readonly page: boolean
  /** The class prefix of the unit's style sheet. */
  readonly scope: string
  /** The unit's JSON file with component paths resolved to ids. */
  readonly config: Readonly<Record<string, unknown>>
}

export interface ProgramManifest {
  readonly app: Readonly<Record<string, unknown>>
  readonly pages: readonly string[]
  readonly units: Readonly<Record<string, UnitManifest>>
  readonly pageStyles: Readonly<Record<string, string>>
}
