/** Takes kernel, initrds and images, and writes what a web server serves. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { partsLeftOut } from '../image/records/image-parts.ts'
import type { PartName } from '../stages/api/parts.ts'
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { plainHttpIsBetter } from '../swarm/swarm-or-http.ts'
import { checkFiles, checkPublicationName } from './check-options.ts'
import { type DigestedFile, digestFiles, recordDigests } from './digest-files.ts'
import { type FileRoles, findFileRoles } from './file-roles.ts'
import { asArchive, nameInInitramfs } from './image-archive.ts'
import { endOfManifest, type ManifestFile, manifestText, nextSerial } from './manifest-text.ts'
import { metalinkText } from './metalink.ts'
import type { PublishedFile } from './published-file.ts'
import { joinPieces } from './shared-pieces.ts'
import { readSignerCertificate, type Signer, signText } from './sign-manifest.ts'
import { makeSnippets, type Snippet } from './snippets.ts'
import { checkAppend, checkParts, stageOneLine } from './stage-one-line.ts'
import { Staging } from './staging.ts'
import { encodeTorrent, infoHash, magnetLink, type TorrentContent } from './torrent.ts'
import { removeUnfinished } from './unfinished.ts'

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
  /** Mbit/s: what the web server's machine can send, and a node's link. */
  originRate?: number
  nodeRate?: number
  /** Images become a part of the next initramfs, where each is `/NAME.img`. */
  imagesInInitramfs?: boolean
  /** Who signs the manifest; without one there is none. */
  signers?: Signer[]
  /** The manifest's number; by default one more than that of the one which is there. */
  serial?: number
  /** Days that it counts for; by default until the first signer's certificate ends. */
  validDays?: number
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
  /** Whether the first stage could share. */
  hasBittorrent: boolean
  snippets: Snippet[]
}

/** All files take their places together, at the end; a failure or the signal leaves what was there. */
export async function publish(
  options: PublishOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Published> {
  const { outputDir, name, trackers, stageOne } = options
  checkPublicationName(name)
  checkAppend(options.append ?? '')
  const named = await checkFiles(options.files)
  const roles = stageOne === undefined ? undefined : await rolesOf(named, options)
  const given = roles?.files ?? named
  const stageOneFiles = stageOne === undefined ? [] : await readStageOne(stageOne)
  const without = stageOne === undefined ? [] : await partsBeside(stageOne)
  // The largest first: its pieces are then the same whatever is published beside it.
  const files = [...given].sort((a, b) => b.size - a.size)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const pieceLength = options.pieceLength ?? pieceLengthFor(bytes)

  await removeUnfinished(outputDir)
  const staging = new Staging(outputDir)
  try {
    const folder = join(outputDir, name)
    const digested = await digestFiles({
      ...{ files, folder, pieceLength, staging, progress, signal },
      record: join(outputDir, `.${name}.digests.json`),
    })
    const isSwarm =
      !without.includes('bittorrent') &&
      !plainHttpIsBetter({ ...options, bytes, hasTracker: trackers.length > 0 })
    const manifest = await signedManifest(options, roles, digested, isSwarm)
    const how = { isSwarm, without, isSigned: manifest.length > 0 }
    const boot = roles === undefined ? undefined : await bootTexts(options, roles, digested, how)
    const snippets = boot?.snippets ?? []
    const torrent = await torrentOf(options, digested, pieceLength)
    const texts: [path: string, content: string | Buffer][] = [
      [`${name}.torrent`, torrent.file],
      [`${name}.magnet`, torrent.magnet],
      ...digestTexts(options, given, digested, pieceLength),
      ...stageOneFiles,
      ...manifest,
      ...snippets.flatMap(({ file, text }): [string, string][] =>
        text === undefined ? [] : [[`${name}.boot/${file}`, text]],
      ),
    ]
    for (const [path, content] of texts) {
      signal.throwIfAborted()
      await staging.write(join(outputDir, path), file => file.writeFile(content))
    }

    signal.throwIfAborted()
    await staging.commit()
    // One of another time would tell nodes of files that are gone.
    for (const { file, text } of snippets) {
      if (text === undefined) await rm(join(outputDir, `${name}.boot`, file), { force: true })
    }
    await recordDigests(join(outputDir, `.${name}.digests.json`), folder, digested, staging)
    const written = [...digested.map(file => `${name}/${file.name}`), ...texts.map(([path]) => path)]
    return {
      files: digested.map(({ name, size, sha256, wasRead }) => ({ name, size, sha256, wasRead })),
      ...{ pieceLength, infoHash: torrent.infoHash, written, isSwarm, snippets },
      hasBittorrent: !without.includes('bittorrent'),
      others: (await readdir(folder)).filter(entry => !written.includes(`${name}/${entry}`)).sort(),
      line: boot?.line,
    }
  } finally {
    await staging.discard()
  }
}

async function rolesOf(
  files: PublishedFile[],
  { name, imagesInInitramfs, nextKernelParams = '' }: PublishOptions,
): Promise<FileRoles> {
  const roles = await findFileRoles(name, files)
  if (imagesInInitramfs !== true || roles.images.length === 0) return roles
  for (const image of roles.images) {
    const inside = nameInInitramfs(image.name)
    if (inside !== image.name && nextKernelParams.includes(`live:/${image.name}`)) {
      throw new CommandError(
        `root=live:/${image.name}: dracut takes nothing but *.img and *.iso there`,
        `write root=live:/${inside}: so the image is called in the next initramfs`,
      )
    }
  }
  const archived = files.map(file => (roles.images.includes(file) ? asArchive(file) : file))
  return await findFileRoles(name, await Promise.all(archived))
}

/** One torrent of all files, and the link to it. */
async function torrentOf(options: PublishOptions, files: DigestedFile[], pieceLength: number) {
  const { name, baseUrl, trackers, webSeed, private: isPrivate = false } = options
  const content: TorrentContent = {
    ...{ name, files, pieceLength, pieces: await joinPieces(files, pieceLength) },
    ...{ announce: trackers, webSeeds: webSeed === true ? [`${baseUrl}/`] : [], private: isPrivate },
  }
  const file = encodeTorrent(content)
  const hash = infoHash(file)
  return { file, infoHash: hash, magnet: `${magnetLink(content, hash)}\n` }
}

/** The manifest and its signature, where somebody signs. */
async function signedManifest(
  { outputDir, name, signers = [], serial, validDays, nextKernelParams = '' }: PublishOptions,
  roles: FileRoles | undefined,
  digested: DigestedFile[],
  isSwarm: boolean,
): Promise<[string, string | Buffer][]> {
  if (signers.length === 0) return []
  if (roles === undefined) {
    throw new CommandError('a manifest is about what boots', 'name the first stage with --stage-one', 2)
  }
  const listed = (role: ManifestFile['role'], file: PublishedFile): ManifestFile => {
    const { size, sha256 } = digestedLike(digested, file)
    return { role, name: `${name}/${file.name}`, size, sha256 }
  }
  const certificates = await Promise.all(signers.map(readSignerCertificate))
  const text = manifestText({
    serial: serial ?? nextSerial(join(outputDir, `${name}.manifest`)),
    notAfter: endOfManifest(validDays, certificates),
    files: [
      listed('kernel', roles.kernel),
      ...roles.initrds.map(file => listed('initrd', file)),
      ...roles.images.map(file => listed('image', file)),
    ],
    ...(isSwarm ? { torrent: `${name}.torrent` } : {}),
    nextKernelParams,
  })
  return [
    [`${name}.manifest`, text],
    [`${name}.manifest.sig`, await signText(text, signers)],
  ]
}

/** Metalink and SHA256SUMS, in the order in which the files were named. */
function digestTexts(
  { name, baseUrl }: PublishOptions,
  given: PublishedFile[],
  digested: DigestedFile[],
  pieceLength: number,
): [string, string][] {
  const files = given.map(file => ({
    ...digestedLike(digested, file),
    url: `${baseUrl}/${name}/${file.name}`,
  }))
  return [
    [`${name}.meta4`, metalinkText(files, pieceLength)],
    [`${name}/SHA256SUMS`, files.map(file => `${file.sha256}  ${file.name}\n`).join('')],
  ]
}

function digestedLike(digested: DigestedFile[], { name }: PublishedFile): DigestedFile {
  const found = digested.find(file => file.name === name)
  if (found === undefined) throw new Error(`${name} has no digests`)
  return found
}

async function bootTexts(
  options: PublishOptions,
  roles: FileRoles,
  digested: DigestedFile[],
  how: { isSwarm: boolean; isSigned: boolean; without: PartName[] },
) {
  const { baseUrl, name, append, nextKernelParams } = options
  const line = stageOneLine({
    ...{ baseUrl, name, roles, ...how },
    sha256: new Map(digested.map(file => [file.name, file.sha256])),
    ...(append === undefined ? {} : { append }),
    ...(nextKernelParams === undefined ? {} : { nextKernelParams }),
  })
  await checkParts(line, how.without)
  return { line, snippets: makeSnippets({ name, baseUrl, line }) }
}

/** The parts that the first stage does without; of one that others made nothing is known. */
async function partsBeside(folder: string): Promise<PartName[]> {
  return existsSync(join(folder, 'manifest.json')) ? await partsLeftOut(folder) : []
}

/** The kernel and the initrd that `build` wrote, and where they get. */
async function readStageOne(folder: string): Promise<[path: string, content: Buffer][]> {
  const read = async (file: string): Promise<[string, Buffer]> => {
    const path = join(folder, file)
    const content = await readFile(path).catch((error: unknown) => {
      throw new CommandError(
        `cannot read ${path}, the first stage: ${reasonOf(error)}`,
        'npm run build makes it; --stage-one names another folder, --no-stage-one publishes the files alone',
      )
    })
    return [`stage-one/${file}`, content]
  }
  return await Promise.all(['vmlinuz', 'initrd.img'].map(read))
}
