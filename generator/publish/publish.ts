/** Takes kernel, initrds and images, and writes what a web server serves. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../command-error.ts'
import { reasonOf } from '../image/whole-file.ts'
import type { Progress } from '../progress.ts'
import { checkFiles, checkPublicationName, type PublishedFile } from './check-options.ts'
import { type DigestedFile, digestFiles, recordDigests } from './digest-files.ts'
import { type FileRoles, findFileRoles } from './file-roles.ts'
import { asArchive } from './image-archive.ts'
import { metalinkText } from './metalink.ts'
import { pieceLengthFor } from './piece-length.ts'
import { joinPieces } from './shared-pieces.ts'
import { makeSnippets, type Snippet } from './snippets.ts'
import { stageOneLine } from './stage-one-line.ts'
import { Staging } from './staging.ts'
import { plainHttpIsBetter } from './swarm-or-http.ts'
import { encodeTorrent, infoHash, magnetLink, type TorrentContent } from './torrent.ts'

export interface PublishOptions {
  /** Kernel, initrds in the order in which they are to be joined, images. */
  files: string[]
  /** The folder that the web server shows. */
  outputDir: string
  /** Its address, without a slash at its end. */
  baseUrl: string
  /** Of the torrent, and of the folder of the files. */
  name: string
  /** Announce addresses. */
  trackers: string[]
  /** Bytes; by default what suits the size. */
  pieceLength?: number
  /** Peers come from the trackers alone (BEP 27). */
  private?: boolean
  /** The torrent names the web server, and every client asks it, too (BEP 19). */
  webSeed?: boolean
  /** The next kernel's command line. */
  nextKernelParams?: string
  /** Parameters of the site's own for the first stage. */
  append?: string
  /** How many nodes boot at a time. */
  nodes?: number
  /** Images become a part of the next initramfs, where each is `/NAME`. */
  imagesInInitramfs?: boolean
  /** The folder that `build` wrote; without one the files are published and no boot snippets. */
  stageOne?: string
}

export interface Published {
  /** In the order of the torrent. */
  files: { name: string; size: number; sha256: string; wasRead: boolean }[]
  pieceLength: number
  infoHash: string
  /** What was written, relative to the folder, in order. */
  written: string[]
  /** What else lies in the folder of the files, of earlier publications or others. */
  others: string[]
  /** The first stage's kernel command line; undefined without a first stage. */
  line: string | undefined
  isSwarm: boolean
  snippets: Snippet[]
}

/** All files take their places together, at the end; a failure or the signal leaves what was there. */
export async function publish(
  options: PublishOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Published> {
  const { outputDir, baseUrl, name, trackers, stageOne, webSeed = false } = options
  checkPublicationName(name)
  const named = await checkFiles(options.files)
  const roles = stageOne === undefined ? undefined : await rolesOf(named, options)
  const given = roles?.files ?? named
  const stageOneFiles = stageOne === undefined ? [] : await readStageOne(stageOne)
  // The largest first: its pieces are then the same whatever is published beside it.
  const files = [...given].sort((a, b) => b.size - a.size)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const pieceLength = options.pieceLength ?? pieceLengthFor(bytes)

  const staging = new Staging()
  try {
    const folder = join(outputDir, name)
    const digested = await digestFiles({
      ...{ files, folder, pieceLength, staging, progress, signal },
      record: join(outputDir, `.${name}.digests.json`),
    })
    const written: string[] = digested.map(file => `${name}/${file.name}`)
    const writeText = async (path: string, content: string | Buffer) => {
      signal.throwIfAborted()
      await staging.write(join(outputDir, path), file => file.writeFile(content))
      written.push(path)
    }

    const content: TorrentContent = {
      ...{ name, files, pieceLength },
      pieces: await joinPieces(digested, pieceLength),
      announce: trackers,
      webSeeds: webSeed ? [`${baseUrl}/`] : [],
      private: options.private ?? false,
    }
    const torrent = encodeTorrent(content)
    const hash = infoHash(torrent)
    await writeText(`${name}.torrent`, torrent)
    await writeText(`${name}.magnet`, `${magnetLink(content, hash)}\n`)
    await writeText(
      `${name}.meta4`,
      metalinkText(
        given.map(file => ({ ...digestedLike(digested, file), url: `${baseUrl}/${name}/${file.name}` })),
        pieceLength,
      ),
    )
    const sums = given.map(file => `${digestedLike(digested, file).sha256}  ${file.name}\n`)
    await writeText(`${name}/SHA256SUMS`, sums.join(''))

    const isSwarm = !plainHttpIsBetter({ bytes, nodes: options.nodes, hasTracker: trackers.length > 0 })
    const boot = roles === undefined ? undefined : bootTexts(options, roles, digested, isSwarm)
    for (const { file, content } of stageOneFiles) await writeText(`stage-one/${file}`, content)
    for (const { file, text } of boot?.snippets ?? []) {
      if (text !== undefined) await writeText(`${name}.boot/${file}`, text)
    }

    signal.throwIfAborted()
    await staging.commit()
    // One of another time would tell nodes of files that are gone.
    for (const { file, text } of boot?.snippets ?? []) {
      if (text === undefined) await rm(join(outputDir, `${name}.boot`, file), { force: true })
    }
    await recordDigests(join(outputDir, `.${name}.digests.json`), folder, digested)
    return {
      files: digested.map(({ name, size, sha256, wasRead }) => ({ name, size, sha256, wasRead })),
      ...{ pieceLength, infoHash: hash, written, isSwarm },
      others: (await readdir(folder)).filter(entry => !written.includes(`${name}/${entry}`)).sort(),
      line: boot?.line,
      snippets: boot?.snippets ?? [],
    }
  } finally {
    await staging.discard()
  }
}

async function rolesOf(
  files: PublishedFile[],
  { name, imagesInInitramfs }: PublishOptions,
): Promise<FileRoles> {
  const roles = await findFileRoles(name, files)
  if (imagesInInitramfs !== true || roles.images.length === 0) return roles
  const archived = files.map(file => (roles.images.includes(file) ? asArchive(file) : file))
  return await findFileRoles(name, await Promise.all(archived))
}

function digestedLike(digested: DigestedFile[], { name }: PublishedFile): DigestedFile {
  const found = digested.find(file => file.name === name)
  if (found === undefined) throw new Error(`${name} has no digests`)
  return found
}

function bootTexts(options: PublishOptions, roles: FileRoles, digested: DigestedFile[], isSwarm: boolean) {
  const { baseUrl, name, append, nextKernelParams } = options
  const line = stageOneLine({
    ...{ baseUrl, name, roles, isSwarm },
    sha256: new Map(digested.map(file => [file.name, file.sha256])),
    ...(append === undefined ? {} : { append }),
    ...(nextKernelParams === undefined ? {} : { nextKernelParams }),
  })
  return { line, snippets: makeSnippets({ name, baseUrl, line }) }
}

/** The kernel and the initrd that `build` wrote. */
async function readStageOne(folder: string): Promise<{ file: string; content: Buffer }[]> {
  const read = async (file: string) => {
    const path = join(folder, file)
    const content = await readFile(path).catch((error: unknown) => {
      throw new CommandError(
        `cannot read ${path}, the first stage: ${reasonOf(error)}`,
        'npm run build makes it; --stage-one names another folder, --no-stage-one publishes the files alone',
      )
    })
    return { file, content }
  }
  return await Promise.all(['vmlinuz', 'initrd.img'].map(read))
}
