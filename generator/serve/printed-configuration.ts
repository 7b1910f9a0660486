import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import { CommandError } from '../host/console/command-error.ts'
import { readableSize } from '../host/console/progress.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { originProfile, type ProfileOption, patchedSwarm, stockSwarm } from '../swarm/origin-profile.ts'
import { printable } from './event-lines.ts'
import { ownAddress } from './served-addresses.ts'
import { type FolderState, type FoundTorrent, TorrentFolder } from './torrent-folder.ts'
import { userNames } from './unprivileged-user.ts'

export interface PrintOptions {
  folder: string
  bind: string
  port: number
  trackerPort: number
  seederPort: number
}

/** The servers that a configuration can be printed for. */
export type PrintedServer = 'nginx' | 'opentracker' | 'aria2c'

/**
 * What a server of the site's own needs to serve the folder: nginx's `server` block, opentracker's whitelist, or a
 * script that starts aria2c as the seeder.
 *
 * @throws CommandError when the folder cannot be served so
 */
export async function printedConfiguration(server: PrintedServer, options: PrintOptions): Promise<string> {
  const folder = resolve(options.folder)
  const { found } = await readTorrents(folder)
  const { bind } = options
  switch (server) {
    case 'nginx':
      return render('nginx.conf.hbs', { bind, port: options.port, root: nginxPath(folder) })
    case 'opentracker':
      return render('opentracker.hbs', { bind, port: options.trackerPort, torrents: someOf(found, folder) })
    case 'aria2c':
      return render('aria2c.hbs', {
        bind: bind === '0.0.0.0' ? '' : bind,
        seederPort: options.seederPort,
        user: userNames.at(-1),
        // Nodes are told the address that the seeder calls from.
        tracker: `http://${ownAddress(options)}:${options.trackerPort}/announce`,
        dir: shellWord(folder),
        options: originProfile.map(quoted),
        patched: patchedSwarm.map(quoted),
        stock: stockSwarm.map(quoted),
        torrents: someOf(found, folder),
      })
  }
}

const quoted = (each: ProfileOption) => ({ ...each, quoted: shellWord(each.option) })

function render(name: string, view: object): string {
  const file = fileURLToPath(new URL(`../../shell-templates/serve/${name}`, import.meta.url))
  return Handlebars.compile(readFileSync(file, 'utf8'), { noEscape: true, strict: true })(view)
}

async function readTorrents(folder: string): Promise<FolderState> {
  try {
    return await new TorrentFolder(folder).read()
  } catch (error) {
    throw new CommandError(
      `cannot read ${folder}: ${reasonOf(error)}`,
      'name the folder that is to be served',
    )
  }
}

function someOf(found: FoundTorrent[], folder: string) {
  if (found.length === 0)
    throw new CommandError(
      `there is no torrent in ${folder}`,
      'publish first: aria2-initrd publish makes the torrents',
    )
  // A publication's torrent has two names: that of its generation, and the one that stays.
  const different = new Map([...found].reverse().map(each => [each.torrent.infoHash, each]))
  return [...different.values()].reverse().map(({ name, torrent: { infoHash, size } }) => ({
    // Stands in a comment.
    name: printable(name),
    path: shellWord(join(folder, name)),
    infoHash,
    size: readableSize(size),
  }))
}

/** nginx expands variables also between quotes, and has no way to write a dollar sign. */
function nginxPath(path: string): string {
  if (/[$\p{Cc}]/u.test(path))
    throw new CommandError(
      `nginx cannot have the folder ${printable(path)}: no dollar sign and no control character may be in its path`,
      'move the folder, or give it another name',
    )
  return path.replace(/[\\"]/g, '\\$&')
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
