/** Takes kernel, initrds and images, and writes what a web server serves. */
import type { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
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
import { kernelArchitecture } from './file-marks.ts'
import { type FileRoles, findFileRoles } from './file-roles.ts'
import { draftGeneration, generationName } from './generation-name.ts'
import { Generations } from './generations.ts'
import { asArchive, nameInInitramfs } from './image-archive.ts'
import { lastingPlace, listsOf } from './lasting-names.ts'
import { endOfManifest, type ManifestFile, manifestText, nextSerial } from './manifest-text.ts'
import { metalinkText } from './metalink.ts'
import type { PublishedFile } from './published-file.ts'
import { naming } from './served-folder.ts'
import { joinPieces } from './shared-pieces.ts'
import { readSignerCertificate, type Signer, signText } from './sign-manifest.ts'
import { signSums } from './sign-sums.ts'
import { makeSnippets, type Snippet } from './snippets.ts'
import { checkAppend, checkParts, stageOneLine } from './stage-one-line.ts'
import { Staging } from './staging.ts'
import { encodeTorrent, infoHash, magnetLink, type TorrentContent } from './torrent.ts'
import { Unfinished } from './unfinished.ts'

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
  /** SHA256SUMS is signed with this key, or with that of gpg's choice. */
  gpg?: string | true
  /** The manifest's number; by default one more than that of the one which is there. */
  serial?: number
  /** Days that it counts for; by default until the first signer's certificate ends. */
  validDays?: number
  /** Former generations that are kept for nodes in the middle of a boot; by default `generationsKept`. */
  keep?: number
  /** The folder that `build` wrote; without one the files are published and no boot snippets. */
  stageOne?: string
}

/** A boot takes minutes: so it ends well although two others were published meanwhile. */
export const generationsKept = 2

export interface Published {
  /** In the order of the torrent. */
  files: PublishedAs[]
  /** The folder in which they lie, and by which the torrent is called. */
  generation: string
  /** Generations that went, as older than those which are kept. */
  removed: string[]
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

export interface PublishedAs {
  name: string
  size: number
  sha256: string
  wasRead: boolean
  /** What the next boot takes it for, and by what: `kernel, by its content`; undefined without a first stage. */
  verdict: string | undefined
}

/** All files take their places together, at the end; a failure or the signal leaves what was there. */
export async function publish(
  options: PublishOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Published> {
  const { outputDir, name, stageOne } = options
  checkPublicationName(name)
  checkAppend(options.append ?? '')
  const named = await checkFiles(options.files, reservedNames(name))
  const roles = stageOne === undefined ? undefined : await rolesOf(named, options)
  if (roles !== undefined && stageOne !== undefined) await requireSameMachine(roles.kernel, stageOne)
  const given = roles?.files ?? named
  const stageOneFiles = stageOne === undefined ? [] : await readStageOne(stageOne)
  const without = stageOne === undefined ? [] : await partsBeside(stageOne)
  // The largest first: its pieces are then the same whatever is published beside it.
  const files = [...given].sort((a, b) => b.size - a.size)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const pieceLength = options.pieceLength ?? pieceLengthFor(bytes)

  const unfinished = await naming(outputDir, () => Unfinished.begin(outputDir, name))
  let staging: Staging | undefined
  try {
    staging = await Staging.begin(outputDir, name, unfinished)
    const folder = join(outputDir, name)
    const record = join(outputDir, `.${name}.digests.json`)
    const digested = await digestFiles({ files, folder, pieceLength, staging, record, progress, signal })
    const isSwarm =
      !without.includes('bittorrent') &&
      !plainHttpIsBetter({ ...options, bytes, hasTracker: options.trackers.length > 0 })
    const pieces = await joinPieces(digested, pieceLength)
    const certificates = await Promise.all((options.signers ?? []).map(readSignerCertificate))
    const set = { options, roles, given, digested, pieceLength, pieces, isSwarm, without, certificates }
    const draft = await writeTexts(set, draftGeneration(name))
    const sums = digested.map((file): [string, string] => [file.name, file.sha256])
    const how: [string, string][] = options.gpg === undefined ? [] : [['SHA256SUMS.gpg', String(options.gpg)]]
    const generation = generationName(name, [...sums, ...draft.texts, ...stageOneFiles, ...how])
    const { texts, ...told } = await writeTexts(set, generation)
    const signatures = await signaturesOf(texts, options)
    const contents = [...texts, ...stageOneFiles, ...signatures]
    for (const [path, content] of contents) {
      signal.throwIfAborted()
      await staging.write(path, file => file.writeFile(content))
    }

    signal.throwIfAborted()
    const generations = new Generations(outputDir, name, unfinished)
    await generations.change(staging, generation)
    const removed = await generations.prune(options.keep ?? generationsKept)
    await recordDigests(record, folder, digested)
    const written = [...digested.map(file => file.name), ...contents.map(([path]) => path)].map(inside =>
      lastingPlace(name, inside),
    )
    return {
      files: digested.map(({ name, size, sha256, wasRead }) => ({
        ...{ name, size, sha256, wasRead },
        verdict: given.find(file => file.name === name)?.verdict,
      })),
      ...{ ...told, pieceLength, isSwarm, generation, removed },
      written: [...written, `${generation}.torrent`],
      hasBittorrent: !without.includes('bittorrent'),
      others: (await readdir(folder)).filter(entry => !written.includes(`${name}/${entry}`)).sort(),
    }
  } finally {
    await staging?.discard()
    await unfinished.close()
  }
}

/** A first stage for other machines would not start the published kernel, nor be started. */
async function requireSameMachine({ path, name }: PublishedFile, stageOne: string): Promise<void> {
  const first = join(stageOne, 'vmlinuz')
  const [ours, theirs] = await Promise.all([
    existsSync(first) ? kernelArchitecture(first) : undefined,
    kernelArchitecture(path),
  ])
  if (ours === undefined || theirs === undefined || ours === theirs) return
  throw new CommandError(
    `${name} is a kernel for ${theirs}, and the first stage in ${stageOne} is for ${ours}`,
    'name a first stage for these machines with --stage-one, or publish the files alone with --no-stage-one',
  )
}

/** Names that publish gives itself in the folder of the files. */
const reservedNames = (name: string): string[] => [...listsOf(name), `${name}.boot`]

/** All that the texts are made of. */
interface PublishedSet {
  options: PublishOptions
  roles: FileRoles | undefined
  /** In the order in which they were named. */
  given: PublishedFile[]
  digested: DigestedFile[]
  pieceLength: number
  pieces: Buffer
  isSwarm: boolean
  without: PartName[]
  /** Of those who sign. */
  certificates: X509Certificate[]
}

/** What is written about the files, by its places in the generation. It names that generation's own addresses, so that a boot ends with what it began with. */
async function writeTexts(set: PublishedSet, generation: string) {
  const { options, roles, certificates } = set
  const { name } = options
  const isSigned = certificates.length > 0
  const boot = roles === undefined ? undefined : await bootTexts(set, roles, generation)
  const snippets = boot?.snippets ?? []
  const torrent = torrentOf(set, generation)
  const texts: [path: string, content: string | Buffer][] = [
    [`${name}.torrent`, torrent.file],
    [`${name}.magnet`, torrent.magnet],
    ...digestTexts(set, generation),
    ...(isSigned ? manifestOf(set, generation) : []),
    ...snippets.flatMap(({ file, text }): [string, string][] =>
      text === undefined ? [] : [[`${name}.boot/${file}`, text]],
    ),
  ]
  return { texts, snippets, line: boot?.line, infoHash: torrent.infoHash }
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
  const isImage = ({ name }: PublishedFile) => roles.images.some(image => image.name === name)
  const archived = files.map(file => (isImage(file) ? asArchive(file) : file))
  return await findFileRoles(name, await Promise.all(archived))
}

/** One torrent of all files, and the link to it. */
function torrentOf({ options, digested, pieceLength, pieces }: PublishedSet, generation: string) {
  const { baseUrl, trackers, webSeed, private: isPrivate = false } = options
  const content: TorrentContent = {
    ...{ name: generation, files: digested, pieceLength, pieces },
    ...{ announce: trackers, webSeeds: webSeed === true ? [`${baseUrl}/`] : [], private: isPrivate },
  }
  const file = encodeTorrent(content)
  const hash = infoHash(file)
  return { file, infoHash: hash, magnet: `${magnetLink(content, hash)}\n` }
}

/** The manifest of what boots. */
function manifestOf(
  { options, roles, digested, isSwarm, certificates }: PublishedSet,
  generation: string,
): [string, string][] {
  const { outputDir, name, serial, validDays, nextKernelParams = '' } = options
  if (roles === undefined) {
    throw new CommandError('a manifest is about what boots', 'name the first stage with --stage-one', 2)
  }
  const listed = (role: ManifestFile['role'], file: PublishedFile): ManifestFile => {
    const { size, sha256 } = digestedLike(digested, file)
    return { role, name: `${generation}/${file.name}`, size, sha256 }
  }
  const text = manifestText({
    serial: serial ?? nextSerial(join(outputDir, `${name}.manifest`)),
    notAfter: endOfManifest(validDays, certificates),
    files: [
      listed('kernel', roles.kernel),
      ...roles.initrds.map(file => listed('initrd', file)),
      ...roles.images.map(file => listed('image', file)),
    ],
    ...(isSwarm ? { torrent: `${generation}.torrent` } : {}),
    nextKernelParams,
  })
  return [[`${name}.manifest`, text]]
}

/** The signatures of the manifest and of SHA256SUMS, where they are wished for. */
async function signaturesOf(
  texts: [string, string | Buffer][],
  { name, signers = [], gpg }: PublishOptions,
): Promise<[string, Buffer][]> {
  const textOf = (wanted: string) => String(texts.find(([path]) => path === wanted)?.[1])
  const signatures: [string, Buffer][] = []
  if (signers.length > 0)
    signatures.push([`${name}.manifest.sig`, await signText(textOf(`${name}.manifest`), signers)])
  if (gpg !== undefined)
    signatures.push(['SHA256SUMS.gpg', await signSums(textOf('SHA256SUMS'), gpg === true ? undefined : gpg)])
  return signatures
}

/** Metalink and SHA256SUMS, in the order in which the files were named. */
function digestTexts(
  { options, given, digested, pieceLength }: PublishedSet,
  generation: string,
): [string, string][] {
  const { name, baseUrl } = options
  const files = given.map(file => ({
    ...digestedLike(digested, file),
    url: `${baseUrl}/${generation}/${file.name}`,
  }))
  return [
    [`${name}.meta4`, metalinkText(files, pieceLength)],
    ['SHA256SUMS', files.map(file => `${file.sha256}  ${file.name}\n`).join('')],
  ]
}

function digestedLike(digested: DigestedFile[], { name }: PublishedFile): DigestedFile {
  const found = digested.find(file => file.name === name)
  if (found === undefined) throw new Error(`${name} has no digests`)
  return found
}

async function bootTexts(
  { options, digested, isSwarm, without, certificates }: PublishedSet,
  roles: FileRoles,
  generation: string,
) {
  const { baseUrl, name, append, nextKernelParams } = options
  const isSigned = certificates.length > 0
  const line = stageOneLine({
    ...{ baseUrl, name, generation, roles, isSwarm, without, isSigned },
    sha256: new Map(digested.map(file => [file.name, file.sha256])),
    ...(append === undefined ? {} : { append }),
    ...(nextKernelParams === undefined ? {} : { nextKernelParams }),
  })
  await checkParts(line, without)
  return { line, snippets: makeSnippets({ name, baseUrl, generation, line, isSigned }) }
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
