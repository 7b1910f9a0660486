import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** What a peer asks of a tracker (BEP 3), once it is known to be sound. */
export interface AnnounceQuery {
  /** In lower-case hex. */
  infoHash: string
  /** 20 bytes. */
  peerId: Buffer
  port: number
  left: number
  uploaded: number
  downloaded: number
  event: 'start' | 'update' | 'complete' | 'stop'
  /** Peers are wanted as bytes (BEP 23). */
  compact: boolean
  /** So many peers, at the most. */
  wanted: number
  /** An address that it says to have. */
  ip?: string
  /** Where it says that it stands; empty where it does not. */
  rack: string
}

/** A request that is none of a peer's: the HTTP status, and why. */
export interface UnsoundQuery {
  status: number
  reason: string
}

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

/** Peers in an answer: when no number is asked for, and at the most. */
const answered = { unasked: 50, most: 82 }

const events: Record<string, AnnounceQuery['event']> = {
  started: 'start',
  stopped: 'stop',
  completed: 'complete',
}

/** What a request to the tracker says, or what is wrong with it, in words for the peer. */
export function announceQuery({ method, url = '' }: IncomingMessage): AnnounceQuery | UnsoundQuery {
  if (method !== 'GET') return { status: 405, reason: `${method} is not for trackers` }
  const [path, query = ''] = url.split('?', 2)
  // No /scrape: BEP 48 leaves it to the tracker, and no node asks for it.
  if (path !== '/announce') return { status: 404, reason: 'this tracker knows /announce alone' }
  const values = new Map<string, string>()
  // What a peer can read is in an answer like any other (BEP 3).
  const unsound = (reason: string): UnsoundQuery => ({ status: 200, reason })
  for (const pair of query.split('&')) {
    const [key = '', value = ''] = pair.split('=', 2)
    if (key === 'ip' || key === 'rack') values.set(key, value)
    if (!needed.includes(key) && !soundValues.has(key)) continue
    if (values.has(key)) return unsound(`${key} is given twice`)
    values.set(key, value)
    // %uXXXX is no byte.
    if (/%u/i.test(value)) return unsound(`${key} is not in bytes`)
    if (!(soundValues.get(key) ?? /./).test(value)) return unsound(`${key} is not sound`)
    if (key === 'port' && Number(value) > 65535) return unsound('port is not sound')
  }
  const absent = needed.find(key => !values.has(key))
  if (absent !== undefined) return unsound(`${absent} is missing`)
  const infoHash = bytesOf(values.get('info_hash'))
  if (infoHash.length !== 20) return unsound('invalid info_hash')
  const peerId = bytesOf(values.get('peer_id'))
  if (peerId.length !== 20) return unsound('invalid peer_id')
  const numberOf = (key: string) => Number(values.get(key) ?? 0)
  const ip = values.get('ip') ?? ''
  return {
    infoHash: infoHash.toString('hex'),
    peerId,
    port: numberOf('port'),
    left: numberOf('left'),
    uploaded: numberOf('uploaded'),
    downloaded: numberOf('downloaded'),
    event: events[values.get('event') ?? ''] ?? 'update',
    compact: values.get('compact') === '1',
    wanted: Math.max(0, Math.min(numberOf('numwant') || answered.unasked, answered.most)),
    ...(isIP(ip) === 0 ? {} : { ip }),
    rack: rackIn(values.get('rack')),
  }
}

/** Bytes that nodes take for the name of a rack (MAX_RACK_LENGTH in aria2). */
export const longestRackName = 64

/** The name of a rack is UTF-8 without control characters; any other is none. */
function rackIn(value = ''): string {
  const bytes = bytesOf(value)
  const name = bytes.toString('utf8')
  return bytes.length <= longestRackName && !/[\p{Cc}\ufffd]/u.test(name) ? name : ''
}

const bytesOf = (value = ''): Buffer =>
  Buffer.from(
    value
      .replaceAll('+', ' ')
      .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
