/** A Metalink 4 (RFC 5854): the same files over HTTP, each piece checked. */
import { create } from 'xmlbuilder2'

export interface MetalinkFile {
  /** Without a folder: it comes to lie where the downloader puts it. */
  name: string
  size: number
  /** Hex. */
  sha256: string
  /** SHA-256 of the pieces, 64 hex digits each. */
  sha256Pieces: string
  url: string
}

/**
 * It names no torrent: with one, aria2 would check that torrent's SHA-1 only, and no SHA-256 at all (measured).
 * Pieces have SHA-256, since with piece digests aria2 1.37 does not look at the whole file's (measured; the image's does where theirs are weaker).
 */
export function metalinkText(files: MetalinkFile[], pieceLength: number): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele(
    'urn:ietf:params:xml:ns:metalink',
    'metalink',
  )
  for (const { name, size, sha256, sha256Pieces, url } of files) {
    const file = root.ele('file', { name })
    file.ele('size').txt(String(size))
    file.ele('hash', { type: 'sha-256' }).txt(sha256)
    const pieces = file.ele('pieces', { length: String(pieceLength), type: 'sha-256' })
    for (const [digest] of sha256Pieces.matchAll(/.{64}/g)) pieces.ele('hash').txt(digest)
    file.ele('url').txt(url)
  }
  return `${root.end({ prettyPrint: true })}\n`
}
