// A mirror of Debian on this machine: files by their paths, and lists signed with a key of the test's own.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface StandInMirror {
  /** Such as `http://127.0.0.1:40001`. */
  address: string
  /** What it gives, by path without a slash before it; may be changed at any time. */
  files: Map<string, Buffer>
  /** The paths that were asked for. */
  asked: string[]
  close(): void
}

/** A server on the loopback address; what it does not have is a 404. */
export async function standInMirror(files: Record<string, Buffer> = {}): Promise<StandInMirror> {
  const given = new Map(Object.entries(files))
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace(/^\//, '')
    asked.push(path)
    const content = given.get(path)
    if (content === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': content.length }).end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: given,
    asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A key that signs lists, and its public half as a keyring for apt. */
export interface SigningKey {
  home: string
  keyring: string
}

export function signingKey(folder: string): SigningKey {
  const home = join(folder, 'gnupg')
  mkdirSync(home, { mode: 0o700 })
  const gpg = (...words: string[]) => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...words])
  gpg('--passphrase', '', '--quick-generate-key', 'test archive', 'rsa3072', 'sign', 'never')
  const keyring = join(folder, 'test-archive.gpg')
  writeFileSync(keyring, gpg('--export'))
  return { home, keyring }
}

const digest = (kind: string, content: Buffer) => createHash(kind).update(content).digest('hex')

/** A paragraph of Packages or Sources. */
export type Paragraph = Record<string, string>

const listOf = (paragraphs: Paragraph[]) =>
  Buffer.from(
    paragraphs
      .map(fields =>
        Object.entries(fields)
          .map(([name, value]) => `${name}: ${value}\n`)
          .join(''),
      )
      .join('\n'),
  )

/** A source package as Sources names it, with its files. */
export function sourceParagraph(
  name: string,
  version: string,
  directory: string,
  files: Map<string, Buffer>,
): Paragraph {
  const lines = (kind: string) =>
    [...files].map(([file, content]) => `\n ${digest(kind, content)} ${content.length} ${file}`).join('')
  return {
    Package: name,
    Version: version,
    Format: '3.0 (quilt)',
    Directory: directory,
    Files: lines('md5'),
    'Checksums-Sha256': lines('sha256'),
  }
}

/**
 * The lists of a suite, by their paths on a mirror: signed, and of the day that is given.
 * @param more further fields of the release, such as `Valid-Until`
 */
export function signedLists(
  suite: string,
  date: Date,
  { packages, sources }: { packages: Paragraph[]; sources: Paragraph[] },
  key: SigningKey,
  more: Paragraph = {},
): Record<string, Buffer> {
  const lists: Record<string, Buffer> = {
    'main/binary-amd64/Packages': listOf(packages),
    'main/source/Sources': listOf(sources),
  }
  const sums = Object.entries(lists).map(
    ([path, content]) => ` ${digest('sha256', content)} ${content.length} ${path}\n`,
  )
  const fields = Object.entries({
    Origin: 'Debian',
    Suite: suite,
    Codename: suite,
    Date: date.toUTCString(),
    ...more,
    Architectures: 'amd64',
    Components: 'main',
  }).map(([name, value]) => `${name}: ${value}\n`)
  const path = join(key.home, 'Release')
  writeFileSync(path, `${fields.join('')}SHA256:\n${sums.join('')}`)
  execFileSync(
    'gpg',
    ['--homedir', key.home, '--batch', '--yes', '--clearsign', '-o', `${path}.signed`, path],
    {
      stdio: 'pipe',
    },
  )
  const under = (name: string) => `dists/${suite}/${name}`
  return {
    [under('InRelease')]: readFileSync(`${path}.signed`),
    ...Object.fromEntries(Object.entries(lists).map(([name, content]) => [under(name), content])),
  }
}
