/** @module Why the embedded PostgreSQL does not start, as a sentence that says what to do. */

/** Shown to a developer as it is. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}

/** How to go on without the embedded server. */
export const OR_OWN_SERVER =
  'or set DATABASE_URL to a PostgreSQL of your own (postgres://user:password@host:5432/database)'

const KNOWN: readonly { readonly sign: RegExp; readonly say: (place: string) => string }[] = [
  {
    sign: /no space left on device|ENOSPC|disk full|not enough space on the disk/i,
    say: (place) =>
      `The disk is full. PostgreSQL needs about 150 MB for ${place}: free some space and start again.`,
  },
  {
    sign: /are incompatible with server|initialized by PostgreSQL version/i,
    say: (place) =>
      `${place} was made by another version of PostgreSQL. Move that folder away to start with an empty database, ${OR_OWN_SERVER}.`,
  },
  {
    sign: /error while loading shared libraries|Library not loaded|dyld/i,
    say: () =>
      `PostgreSQL's libraries are not in place. Run the install again with install scripts allowed (npm config get ignore-scripts says false), ${OR_OWN_SERVER}.`,
  },
  {
    sign: /permission denied|EACCES|EPERM|could not access|has wrong ownership|invalid permissions/i,
    say: (place) =>
      `This user may not use ${place}; perhaps it was made by another one (sudo?). Delete it or give it back, ${OR_OWN_SERVER}.`,
  },
  {
    sign: /cannot be run as root|administrative permissions is not permitted/i,
    say: () => `PostgreSQL refuses to run as an administrator: start as a normal user, ${OR_OWN_SERVER}.`,
  },
]

/** Turns what a program printed, or an error of the file system, into one sentence. */
export const problemOf = (what: string, said: unknown, place: string): EmbeddedPostgresError => {
  const text = said instanceof Error ? said.message : String(said)
  const known = KNOWN.find(({ sign }) => sign.test(text))
  const message =
    known?.say(place) ??
    `${what} failed: ${text.trim().split('\n').slice(-5).join(' / ') || 'it said nothing'}`
  return new EmbeddedPostgresError(message, { cause: said })
}
