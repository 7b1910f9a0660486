/** Events that nodes send with report=: JSON by POST, one each. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isJsonObject } from '../host/files/json-object.ts'
import { type BootEvent, isBootEventKind } from '../stages/api/boot-event.ts'

/** Where they are sent to. */
export const reportPath = '/report'

/** The reporter sends 9 KiB at the most: 4 KiB of text, each character escaped, and as much that is not. */
const mostBytes = 16 * 1024

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** What the next system need not say: `{"event":"up"}` will do. */
const nothing = {
  node: { mac: '', ip: '', hostname: '', uuid: '', serial: '' },
  ...{ stage: '', ms: 0, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
}

/** The event that a text is; undefined where it is none. */
export function parseBootEvent(text: string): BootEvent | undefined {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isJsonObject(given)) return undefined
  const whole = given.event === 'up' ? { ...nothing, ...given } : given
  if (!isJsonObject(whole.node)) return undefined
  const { stage, event, ms, kibFromServer, kibFromSwarm, text: said, cause } = whole
  const { mac, ip, hostname, uuid, serial } = event === 'up' ? { ...nothing.node, ...whole.node } : whole.node
  if (![mac, ip, hostname, uuid, serial, stage, event, said, cause].every(isText)) return undefined
  if (![ms, kibFromServer, kibFromSwarm].every(isCount)) return undefined
  if (!isBootEventKind(event as string)) return undefined
  // Field by field: whatever else a stranger sends is not kept.
  return {
    node: { mac, ip, hostname, uuid, serial },
    ...{ stage, event, ms, kibFromServer, kibFromSwarm, text: said, cause },
  } as BootEvent
}

/** Whether a request is a report. */
export const isReport = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === reportPath

/**
 * Answers a report.
 *
 * @returns why it is refused, undefined where it is not
 */
export async function takeReport(
  request: IncomingMessage,
  response: ServerResponse,
  take: (event: BootEvent) => void,
): Promise<string | undefined> {
  response.setHeader('Connection', 'close')
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request) {
    size += (piece as Buffer).length
    if (size > mostBytes) return end(response, 413, `a report of more than ${mostBytes} bytes`)
    pieces.push(piece as Buffer)
  }
  const event = parseBootEvent(Buffer.concat(pieces).toString('utf8'))
  if (event === undefined) return end(response, 400, 'no report')
  take(event)
  return end(response, 204)
}

function end(response: ServerResponse, status: number, reason?: string): string | undefined {
  response.statusCode = status
  response.end()
  return reason
}
