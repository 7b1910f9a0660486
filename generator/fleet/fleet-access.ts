/** Who may look at the fleet: it tells names, addresses and failures of machines. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'

export interface FleetAccess {
  /** What everybody has to show; without it whoever can connect may look. */
  token?: string
  /** Names of this machine, besides its addresses and localhost. */
  hosts: string[]
}

/** Why a request is refused. */
export interface AccessRefusal {
  status: 401 | 405 | 421
  reason: string
}

/** Whoever comes with `?token=` gets it, so that the page's own requests have it. */
export const tokenCookie = 'aria2-initrd-fleet'

/** Shorter ones can be guessed. */
const shortestToken = 16

/** The token that an option names: a file's first line, or the text itself. */
export function readToken(given: string): string {
  let token = given
  if (given.includes('/') || existsSync(given)) {
    try {
      token = readFileSync(given, 'utf8').split('\n')[0]?.trim() ?? ''
    } catch (error) {
      throw new CommandError(
        `cannot read the token from ${given}: ${reasonOf(error)}`,
        'make one: openssl rand -hex 16 >FILE',
      )
    }
  }
  if (!/^[!-~]*$/.test(token) || token.length < shortestToken)
    throw new CommandError(
      `the fleet's token has to be ${shortestToken} or more visible ASCII characters, without blanks`,
      'make one: openssl rand -hex 16 >FILE, and give that file',
      2,
    )
  return token
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** Why a request is not answered; undefined where it is. */
export function refusalOf(request: IncomingMessage, access: FleetAccess): AccessRefusal | undefined {
  const { method, headers } = request
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, reason: 'only GET and HEAD' }
  // A page elsewhere whose name leads here for a moment (DNS rebinding) asks for that name.
  if (!isOurs(headers.host ?? '', access.hosts))
    return { status: 421, reason: 'this name is not known here: serve --fleet-host NAME' }
  if (access.token === undefined) return undefined
  const shown = shownToken(request)
  return shown !== undefined && isSameSecret(shown, access.token)
    ? undefined
    : { status: 401, reason: 'needs the token: ?token=TOKEN, or Authorization: Bearer TOKEN' }
}

function isOurs(host: string, names: string[]): boolean {
  const name = host
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(name) !== 0 || name === 'localhost' || names.some(each => each.toLowerCase() === name)
}

/** In the order in which people mean it: an address that they typed, a program's header, a page's cookie. */
function shownToken({ url = '', headers }: IncomingMessage): string | undefined {
  const asked = new URLSearchParams(url.split('?')[1] ?? '').get('token')
  if (asked !== null) return asked
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (bearer !== undefined) return bearer
  const cookies = (headers.cookie ?? '').split(';').map(cookie => cookie.trim())
  const own = cookies.find(cookie => cookie.startsWith(`${tokenCookie}=`))
  try {
    return own === undefined ? undefined : decodeURIComponent(own.slice(tokenCookie.length + 1))
  } catch {
    return undefined
  }
}
