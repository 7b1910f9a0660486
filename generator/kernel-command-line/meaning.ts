/** What of a line must not change on its way: its parameters, however they are written. */
import { declaredParameters } from '../simulator/boot-program.ts'
import type { Cut, Parameter } from './cut.ts'

const declared = (name: string) =>
  declaredParameters().find(each => each.name === name || each.aliases.includes(name))

/** Whether a parameter holds addresses with commas between them. */
export const holdsAddresses = (name: string): boolean => declared(name)?.holds === 'addresses'

/** The name that parameters.ts gives first, for one of its aliases. */
export function ownName(name: string): string {
  return declaredParameters().find(({ aliases }) => aliases.includes(name))?.name ?? name
}

/** The other names of a parameter. */
export function otherNames(name: string): string[] {
  const found = declared(name)
  return found === undefined ? [] : [found.name, ...found.aliases].filter(other => other !== name)
}

/** A character of an address that may be written as `%XX` in its path without that it means another file. */
const escapable = /[+&'"<>]|initrd/g

const escaped = (text: string): string =>
  text.replace(escapable, ([first = '', ...rest]) => {
    const code = first.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
    return `%${code}${rest.join('')}`
  })

/** The path of one address with what carriers dislike as `%XX` (RFC 3986, 2.1): a server reads the same path. */
function escapedPath(address: string): string {
  const found = /^((?:https?|ftp):\/\/[^/?#]*)([^?#]*)(.*)$/s.exec(address)
  return found === null ? address : `${found[1]}${escaped(found[2] ?? '')}${found[3]}`
}

export const withEscapedPaths = (addresses: string): string => addresses.split(',').map(escapedPath).join(',')

/** base64url without padding, as next_kernel_params_b64 wants it. */
export const toBase64Url = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64url')

function canonical({ name, value }: Parameter): string[] {
  if (name === '' && value === undefined) return []
  if (name === 'next_kernel_params_b64' && value !== undefined) {
    return [`next_kernel_params=${Buffer.from(value, 'base64url').toString('latin1')}`]
  }
  const known = ownName(name)
  if (value === undefined) return [known]
  return [`${known}=${holdsAddresses(known) ? withEscapedPaths(value) : value}`]
}

/** Equal for two lines that mean the same to the kernel and to /init. */
export function meaningOf({ parameters, tail }: Cut): string {
  return JSON.stringify([parameters.flatMap(canonical), tail])
}
