/** What the addresses on a command line are, as far as their text tells. */

export type AddressKind = 'file' | 'torrent' | 'Metalink' | 'magnet link'

export function kindOfAddress(address: string): AddressKind {
  if (address.startsWith('magnet:')) return 'magnet link'
  const path = address.replace(/[?#].*$/s, '')
  if (path.endsWith('.torrent')) return 'torrent'
  if (/\.(meta4|metalink)$/.test(path)) return 'Metalink'
  return 'file'
}

/** Whether machines fetch it from each other. A Metalink may name a torrent. */
export const mayBeSwarm = (kind: AddressKind): boolean => kind !== 'file'

/** The host of an address; undefined where it has none. */
export function hostOf(address: string): string | undefined {
  const authority = /^[a-z]+:\/\/([^/?#]*)/.exec(address)?.[1]
  return authority?.replace(/^.*@/, '').replace(/:\d*$/, '')
}

/** Whether a host is a name, for which a name server has to be asked. */
export const isName = (host: string): boolean =>
  !/^\d{1,3}(\.\d{1,3}){3}$/.test(host) && !host.startsWith('[')
