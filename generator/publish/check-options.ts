/** What names and addresses may be, so that they go unharmed through URLs, kernel command lines and boot loaders. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { publicationOf } from './generation-name.ts'
import { linkLine } from './link-line.ts'
import type { PublishedFile } from './published-file.ts'

const plainName = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/

/** Names that this program gives itself. */
const ownNames = ['SHA256SUMS', 'SHA256SUMS.gpg', 'stage-one']

export function checkName(name: string, help: string, reserved: string[] = []): void {
  if (!plainName.test(name)) {
    throw new CommandError(
      `'${name}' would have to be quoted in addresses and in what boot loaders read: a name may hold the letters A to Z and a to z, digits, . _ + -, begins with a letter, a digit or _, and has 128 characters at the most`,
      help,
    )
  }
  if ([...ownNames, ...reserved].includes(name)) {
    throw new CommandError(`${name} is a name that publish uses itself`, help)
  }
}

/** The name of the publication; NAME.boot and the like would be others' own. */
export function checkPublicationName(name: string): void {
  const help = 'give another name with --name'
  checkName(name, help)
  if (name.endsWith('.boot')) {
    throw new CommandError(`${name} ends like the folders that publish makes for boot loaders`, help)
  }
  if (name.endsWith('.current') || publicationOf(name) !== undefined) {
    throw new CommandError(`${name} ends like the folders of a publication's generations`, help)
  }
}

/** The files that were named, with their sizes. */
export async function checkFiles(paths: string[], reserved: string[] = []): Promise<PublishedFile[]> {
  const files: PublishedFile[] = []
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, 'name files that are there')
    })
    if (!found.isFile())
      throw new CommandError(`${path} is not a file`, 'name each file that is to be published')
    if (found.size === 0)
      throw new CommandError(`${path} is empty`, 'leave it out, or see what should have written it')
    const name = basename(path)
    checkName(name, linkLine(path), reserved)
    const twin = files.find(other => other.name === name)
    if (twin !== undefined) {
      throw new CommandError(
        `two files are called ${name}: ${twin.path} and ${path}`,
        'each file needs a name of its own; a link can be called otherwise',
      )
    }
    files.push({ path, name, size: found.size })
  }
  return files
}

/** The address of the folder, without a slash at its end. */
export function checkBaseUrl(text: string): string {
  const refuse = (why: string) =>
    new CommandError(
      `--base-url ${text}: ${why}`,
      'give the address at which your web server will show the folder, such as http://10.0.0.1/boot',
      2,
    )
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:', 'ftp:'].includes(url.protocol)) {
    throw refuse('want http://, https:// or ftp:// and a server')
  }
  if (url.username !== '' || url.password !== '') throw refuse('a password in it would be in every file')
  if (/[?#]/.test(text)) throw refuse('what follows ? or # has no place in the address of a folder')
  // The comma is what url= has between addresses.
  if (!/^[a-z]+:\/\/[A-Za-z0-9.:[\]-]+(\/([A-Za-z0-9._~+-]|%[0-9A-Fa-f]{2})*)*$/.test(text)) {
    throw refuse('write it without blanks, commas and signs that are special; %XX stands for others')
  }
  return text.replace(/\/+$/, '')
}

/** Announce addresses that the nodes' aria2 asks. */
export function checkTracker(text: string): string {
  const isHttp = /^https?:\/\/[A-Za-z0-9.:[\]-]+\/[A-Za-z0-9._~/+-]*$/.test(text) && URL.canParse(text)
  if (isHttp) return text
  throw new CommandError(
    `--tracker ${text}: nodes ask trackers over HTTP`,
    'give an announce address such as http://10.0.0.1:6969/announce; most trackers answer udp:// and http:// alike',
    2,
  )
}
