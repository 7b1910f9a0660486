import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'
import { pieceLengthFor } from '../../generator/swarm/piece-length.ts'
import type { LabCase } from './case.ts'
import { sha256Of, writePayload } from './payload.ts'
import { trackerPort } from './seeder-words.ts'

/** What a lab's origin gives out. */
export interface Published {
  /** The folder of the web server, with the file and the torrent. */
  folder: string
  /** The file's name, wherever it arrives. */
  name: string
  file: string
  sha256: string
  torrent: string
  infoHash: string
  pieceLength: number
  tracker: string
  /** What a node is to fetch. */
  url: string
}

const name = 'payload'

export const isByTorrent = ({ method }: LabCase): boolean => method === 'naive' || method === 'swarm'

/** Writes a file of random bytes and its torrent for an origin at an address. */
export async function publishPayload(lab: LabCase, folder: string, address: string): Promise<Published> {
  mkdirSync(folder)
  const file = join(folder, name)
  await writePayload(file, lab.size)
  const site = `http://${address}`
  const tracker = `${site}:${trackerPort}/announce`
  const pieceLength = lab.pieceLength ?? pieceLengthFor(lab.size)
  const content = await makeTorrent({
    files: [file],
    name,
    announce: [tracker],
    pieceLength,
    ...(lab.webSeed === true ? { webSeeds: [`${site}/${name}`] } : {}),
  })
  const torrent = `${file}.torrent`
  writeFileSync(torrent, content)
  const usual = `${site}/${name}${isByTorrent(lab) ? '.torrent' : ''}`
  return {
    ...{ folder, name, file, torrent, pieceLength, tracker },
    sha256: await sha256Of(file),
    infoHash: infoHash(content),
    url: lab.url?.replaceAll('{}', site) ?? usual,
  }
}

/** Makes one byte of each piece another one. */
export function spoilPieces(path: string, pieceLength: number): void {
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  for (let at = 0; readSync(file, byte, 0, 1, at) === 1; at += pieceLength)
    writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
  closeSync(file)
}
