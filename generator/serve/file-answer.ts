import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { askedRange } from './byte-range.ts'
import { pathOf } from './request-path.ts'
import { openServed, type ServedFile } from './served-file.ts'
import type { SharedRate } from './shared-rate.ts'

/** aria2 and browsers look at these; everything else is bytes, as it lies: a .gz file is what was asked for. */
const types: Record<string, string> = {
  '.torrent': 'application/x-bittorrent',
  '.meta4': 'application/metalink4+xml',
  '.json': 'application/json',
  '.ipxe': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

/** Bytes that are read at a time. With a rate to share, fewer: others wait meanwhile. */
const chunk = { free: 256 * 1024, paced: 64 * 1024, least: 16 * 1024 }

/** Bytes that all answers together hold, about: a client that does not read leaves its piece in memory. */
const held = 64 * 1024 * 1024

/** Answers under way. */
let answers = 0

/**
 * Answers one request from a folder.
 *
 * @returns why it was refused or broken off by us, undefined when it was neither
 */
export async function answerFromFolder(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  rate: SharedRate | undefined,
): Promise<string | undefined> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  const hasContent = length !== '0' || encoding !== undefined
  // It is not read, so a next request could not be found behind it.
  if (hasContent) response.setHeader('Connection', 'close')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    return refuse(response, 405, `${request.method} is not for files`)
  }
  if (hasContent) return refuse(response, 413, 'a request for a file has no content')
  const path = pathOf(request.url ?? '')
  if (path === undefined) return refuse(response, 404, 'no path of a file')
  const found = await openServed(folder, path)
  if ('status' in found) return refuse(response, found.status, found.reason)
  try {
    return await send(found, path, request, response, rate)
  } finally {
    await found.file.close()
  }
}

async function send(
  { file, size, modified, tag }: ServedFile,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  rate: SharedRate | undefined,
): Promise<string | undefined> {
  const { range: asked, 'if-range': condition } = request.headers
  // A part of a file that was replaced meanwhile must not be joined to parts of the old one.
  const wanted = condition === undefined || condition === tag ? asked : undefined
  const range = askedRange(wanted, size)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('ETag', tag)
  response.setHeader('Last-Modified', modified.toUTCString())
  response.setHeader('Cache-Control', 'no-cache')
  // Between nodes and origin there may be a cache that asks whether it still has the file.
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end()
    return undefined
  }
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`)
    return refuse(response, 416, `the range ${asked} is past its end (${size} bytes)`)
  }
  const { first, last } = range ?? { first: 0, last: size - 1 }
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`)
  response.setHeader('Content-Length', last - first + 1)
  response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream')
  response.writeHead(range === undefined ? 200 : 206)
  if (request.method === 'HEAD') {
    response.end()
    return undefined
  }
  answers += 1
  try {
    await pipeline(bytesOf(file, first, last, rate), response)
  } catch (error) {
    // The connection is cut: the client sees that the answer is not whole. A client that hangs up is no trouble.
    if (error instanceof BrokenFile) return error.message
  } finally {
    answers -= 1
  }
  return undefined
}

class BrokenFile extends Error {}

async function* bytesOf(file: FileHandle, first: number, last: number, rate: SharedRate | undefined) {
  const most = rate === undefined ? chunk.free : chunk.paced
  for (let at = first; at <= last; ) {
    const share = Math.max(chunk.least, Math.min(most, held / answers))
    const length = Math.min(share - (share % chunk.least), last - at + 1)
    const { bytesRead, buffer } = await file
      .read(Buffer.allocUnsafe(length), 0, length, at)
      .catch((error: Error) => Promise.reject(new BrokenFile(error.message)))
    if (bytesRead === 0) throw new BrokenFile('the file became shorter while it was sent')
    await rate?.take(bytesRead)
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

function refuse(response: ServerResponse, status: number, reason: string): string {
  response.statusCode = status
  response.end()
  return reason
}
