import type { IncomingMessage } from 'node:http'

/** The keys of an announce that hold a number or a word, and what a sound one looks like. */
const soundValues = new Map<string, RegExp>(
  Object.entries({
    port: /^[1-9]\d{0,4}$/,
    left: /^\d{1,18}$/,
    uploaded: /^\d{1,18}$/,
    downloaded: /^\d{1,18}$/,
    compact: /^[01]$/,
    numwant: /^-?\d{1,10}$/,
    event: /^(started|stopped|completed|empty|paused|)$/,
  }),
)

const needed = ['info_hash', 'peer_id', 'port', 'left']

/**
 * What is wrong with a request to the tracker, in words for the peer; undefined when nothing is. The tracker library
 * trusts in numbers where none need be, and would end over a port such as 1.5.
 */
export function unsoundAnnounce({ method, url = '', socket }: IncomingMessage): string | undefined {
  if (socket.remoteAddress === undefined) return 'hung up'
  if (method !== 'GET') return `${method} is not for trackers`
  const [path, query = ''] = url.split('?', 2)
  if (path === '/scrape') return /%u/i.test(query) ? 'not in bytes' : undefined
  if (path !== '/announce') return 'this tracker knows /announce and /scrape'
  const seen = new Set<string>()
  for (const pair of query.split('&')) {
    const [key = '', value = ''] = pair.split('=', 2)
    if (!needed.includes(key) && !soundValues.has(key)) continue
    if (seen.has(key)) return `${key} is given twice`
    seen.add(key)
    // %uXXXX is no byte, and what the library's decoder would make of it neither.
    if (/%u/i.test(value)) return `${key} is not in bytes`
    if (!(soundValues.get(key) ?? /./).test(value)) return `${key} is not sound`
    if (key === 'port' && Number(value) > 65535) return 'port is not sound'
  }
  const absent = needed.find(key => !seen.has(key))
  return absent === undefined ? undefined : `${absent} is missing`
}
