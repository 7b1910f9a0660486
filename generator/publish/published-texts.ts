/** What is written about a publication's files: torrent, link, Metalink, SHA256SUMS, manifest, boot snippets, signatures. */
import type { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { PartName } from '../stages/api/parts.ts'
import type { DigestedFile } from './digest-files.ts'
import type { FileRoles } from './file-roles.ts'
import { endOfManifest, type ManifestFile, manifestText, nextSerial } from './manifest-text.ts'
import { metalinkText } from './metalink.ts'
import type { PublishOptions } from './publish-options.ts'
import type { PublishedFile } from './published-file.ts'
import { rootWords } from './published-root.ts'
import { signText } from './sign-manifest.ts'
import { signSums } from './sign-sums.ts'
import { makeSnippets } from './snippets.ts'
import { checkParts, stageOneLine } from './stage-one-line.ts'
import { encodeTorrent, infoHash, magnetLink, type TorrentContent } from './torrent.ts'

/** All that the texts are made of. */
export interface PublishedSet {
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

/**
 * What is written about the files, by its places in the generation. It names that generation's own addresses, so that a boot
 * ends with what it began with.
 */
export async function writeTexts(set: PublishedSet, generation: string) {
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
  const { outputDir, name, serial, validDays, rootStart, nextKernelParams = '' } = options
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
      ...(roles.kernel === undefined ? [] : [listed('kernel', roles.kernel)]),
      ...roles.initrds.map(file => listed('initrd', file)),
      ...roles.images.map(file => listed('image', file)),
    ],
    ...(isSwarm ? { torrent: `${generation}.torrent` } : {}),
    ...(rootStart === undefined ? {} : { rootStart }),
    nextKernelParams,
  })
  return [[`${name}.manifest`, text]]
}

/** The signatures of the manifest and of SHA256SUMS, where they are wished for. */
export async function signaturesOf(
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
  const { baseUrl, name, append, rootStart, nextKernelParams } = options
  const isSigned = certificates.length > 0
  const line = stageOneLine({
    ...{ baseUrl, name, generation, roles, isSwarm, without, isSigned },
    sha256: new Map(digested.map(file => [file.name, file.sha256])),
    ...(append === undefined ? {} : { append }),
    ...(rootStart === undefined ? {} : { rootStart }),
    ...(nextKernelParams === undefined ? {} : { nextKernelParams }),
  })
  // A manifest asks for them as well.
  const words = rootStart === undefined ? [] : rootWords(rootStart).map(([name, value]) => `${name}=${value}`)
  await checkParts([...words, line].join(' '), without)
  return { line, snippets: makeSnippets({ name, baseUrl, generation, line, isSigned }) }
}
