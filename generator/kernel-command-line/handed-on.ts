/**
 * What of a line the kernel hands on to /init, because it does not know it: `name=value` as the environment, bare words
 * as arguments (unknown_bootoption and set_init_arg in init/main.c). It has room for so many, and panics before /init
 * where there are more: "Too many boot env vars at …".
 */
import { readFileSync } from 'node:fs'
import type { Cut } from './cut.ts'

const { names }: { names: string[] } = JSON.parse(
  readFileSync(new URL('kernel-names.json', import.meta.url), 'utf8'),
)

/** The kernel takes - and _ for the same in a name (parameq in kernel/params.c). */
const plain = (name: string): string => name.replaceAll('-', '_')
const known = new Set(names.map(plain))

/** CONFIG_INIT_ENV_ARG_LIMIT is 32; of the environment HOME and TERM take two, one more than that has room for. */
export const mostVariables = 31
export const mostWords = 32

/** A name with a dot is a module's, whether or not there is such a module. */
const isHandedOn = (name: string): boolean => !known.has(plain(name)) && !name.includes('.')

/** Names and words that reach /init, in order; a name that is given again replaces the first. */
export function handedOn({ parameters, tail }: Cut): { variables: string[]; words: string[] } {
  const unknown = parameters.filter(({ name }) => name !== '' && isHandedOn(name))
  const variables = unknown.filter(({ value }) => value !== undefined).map(({ name }) => name)
  return {
    variables: [...new Set(variables)].filter(name => name !== 'HOME' && name !== 'TERM'),
    words: [...unknown.filter(({ value }) => value === undefined).map(({ name }) => name), ...tail],
  }
}

/** Why the kernel would panic on a line; undefined where it would not. */
export function tooManyHandedOn(line: Cut): string | undefined {
  const { variables, words } = handedOn(line)
  const fault = (what: string, given: string[], most: number): string =>
    `it has ${given.length} ${what} that the kernel does not know, and the kernel panics before /init with more than ${most}: ${given.slice(most).join(', ').slice(0, 100)}`
  if (variables.length > mostVariables) return fault('names with a value', variables, mostVariables)
  if (words.length > mostWords) return fault('words without a value', words, mostWords)
  return undefined
}
