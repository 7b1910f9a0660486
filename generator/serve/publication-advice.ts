import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicationOf } from '../publish/generation-name.ts'
import { adviceOnFile, adviceOnTrackers, type Listening } from './served-addresses.ts'
import { openServed } from './served-file.ts'
import type { FoundTorrent } from './torrent-folder.ts'

/**
 * What is wrong with the addresses in a publication, a sentence each: with those of its torrent's trackers and web
 * seeds, and with those of the Metalink beside it, which nodes take where a swarm is not worth it.
 */
export async function adviceOn(
  { name, torrent }: FoundTorrent,
  folder: string,
  listening: Listening,
): Promise<string[]> {
  const isServed = async (path: string) => {
    const found = await openServed(folder, path)
    if ('status' in found) return false
    await found.file.close()
    return true
  }
  const several = torrent.files.length > 1 || torrent.files[0]?.path.includes('/') === true
  // A web seed of a folder is the folder's parent (BEP 19): the first file stands for all.
  const webSeeds = torrent.webSeeds.map(url =>
    several
      ? url.replace(/\/*$/, `/${torrent.files[0]?.path.split('/').map(encodeURIComponent).join('/')}`)
      : url,
  )
  const [mirrored] = await metalinkAddresses(join(folder, metalinkBeside(name)))
  const advice = [
    await adviceOnTrackers(torrent, listening),
    ...(await Promise.all(
      webSeeds.map(async url => about('its web seed', await adviceOnFile(url, listening, isServed))),
    )),
    ...(mirrored === undefined
      ? []
      : [about('in its Metalink', await adviceOnFile(mirrored, listening, isServed))]),
  ]
  return advice.filter(each => each !== undefined)
}

/** That of a generation lies in its folder, by the name that all of its publication have. */
const metalinkBeside = (torrent: string): string => {
  const name = torrent.replace(/\.torrent$/, '')
  const publication = publicationOf(name)
  return publication === undefined ? `${name}.meta4` : `${name}/${publication}.meta4`
}

const about = (what: string, advice: string | undefined) => advice && `${what} ${advice}`

/** The addresses that a Metalink names; none when there is no Metalink. */
async function metalinkAddresses(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return [...text.matchAll(/<url[^>]*>\s*([^<\s]+)\s*<\/url>/g)].map(([, url = '']) =>
    url.replace(/&amp;/g, '&'),
  )
}
