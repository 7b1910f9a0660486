/** Takes kernel, initrds and images, and writes what a web server serves. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { plainHttpIsBetter } from '../swarm/swarm-or-http.ts'
import { checkFiles, checkPublicationName } from './check-options.ts'
import { digestFiles, recordDigests } from './digest-files.ts'
import { type FileRoles, findFileRoles } from './file-roles.ts'
import { draftGeneration, generationName } from './generation-name.ts'
import { Generations } from './generations.ts'
import { asArchive, nameInInitramfs } from './image-archive.ts'
import { lastingPlace, listsOf } from './lasting-names.ts'
import type { PublishOptions } from './publish-options.ts'
import type { PublishedFile } from './published-file.ts'
import { checkRootStart } from './published-root.ts'
import { partsBeside, readStageOne, requireSameMachine } from './published-stage-one.ts'
import { signaturesOf, writeTexts } from './published-texts.ts'
import { naming } from './served-folder.ts'
import { joinPieces } from './shared-pieces.ts'
import { readSignerCertificate } from './sign-manifest.ts'
import type { Snippet } from './snippets.ts'
import { checkAppend } from './stage-one-line.ts'
import { Staging } from './staging.ts'
import { Unfinished } from './unfinished.ts'

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
  if (options.rootStart !== undefined && (stageOne === undefined || options.imagesInInitramfs === true)) {
    throw new CommandError(
      '--boot switch_root starts a root by the first stage alone',
      'leave out --no-stage-one and --images-in-initramfs',
      2,
    )
  }
  const named = await checkFiles(options.files, reservedNames(name))
  const roles = stageOne === undefined ? undefined : await rolesOf(named, options)
  if (roles?.kernel !== undefined && stageOne !== undefined) await requireSameMachine(roles.kernel, stageOne)
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
    staging = await Staging.begin(unfinished)
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
    const generations = new Generations(unfinished)
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

/** Names that publish gives itself in the folder of the files. */
const reservedNames = (name: string): string[] => [...listsOf(name), `${name}.boot`]

async function rolesOf(
  files: PublishedFile[],
  { name, imagesInInitramfs, rootStart, nextKernelParams = '' }: PublishOptions,
): Promise<FileRoles> {
  const roles = await findFileRoles(name, files, rootStart === undefined)
  if (rootStart !== undefined) {
    await checkRootStart(rootStart, roles)
    return roles
  }
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
