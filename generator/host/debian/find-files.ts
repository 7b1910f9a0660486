import { type Progress, silent } from '../console/progress.ts'
import type { ArchiveFile, DebianArchive, PackageFile } from './archive.ts'
import { type FailedTransfer, fetchAll, type Transfer } from './download-files.ts'

/** A file whose digest is known, wherever it may be found. */
export interface WantedFile extends PackageFile {
  /** Where a mirror has it, such as `pool/main/z/zlib`; `pool/updates/` is the security updates'. */
  folder: string
  /** In hex: the name of the file in a snapshot archive. */
  sha1?: string
  /** The path where it is to be. */
  to: string
}

/** A file that no place has, and what the last one that was asked said. */
export interface MissingFile extends WantedFile {
  reason: string
}

/** A place that may have files. */
interface Place {
  /** Completes `fetching 3 files from …`; empty for where they are looked for first. */
  name: string
  address(file: WantedFile): string | undefined
}

/** With fewer files than this a place that does not answer costs no more than to ask it first. */
const worthAsking = 5

const isSecurity = ({ folder }: WantedFile) => folder.startsWith('pool/updates/')

/** `20261121T091544Z`, as a snapshot archive writes a time. */
const stamp = (time: Date) => time.toISOString().replace(/[-:]|\.\d+/g, '')

const onMain = (mirror: string, { folder, name }: WantedFile) =>
  `${mirror}/${folder.replace(/^pool\/updates\//, 'pool/')}/${name}`
const onSecurity = (mirror: string, { folder, name }: WantedFile) =>
  `${mirror}/${folder.replace(/^pool\/(?!updates\/)/, 'pool/updates/')}/${name}`

/**
 * All places, in the order of asking: the machine's own mirrors, those that an option names, the snapshot archive by digest
 * and by time. Each is asked for all: a security update moves into the release with the next point release. Two places
 * never differ in what they give, since only one content has the digest.
 * @param times for the snapshot archive: when the files were current
 */
async function places(archive: DebianArchive, times: Date[]): Promise<Place[]> {
  const { main, security, snapshot } = await archive.mirrors()
  const home = (file: WantedFile) => {
    const mirror = isSecurity(file) ? security[0] : main[0]
    return mirror && (isSecurity(file) ? onSecurity(mirror, file) : onMain(mirror, file))
  }
  const mirror = (name: string, on: typeof onMain): Place => ({
    name,
    address: file => (on(name, file) === home(file) ? undefined : on(name, file)),
  })
  const mirrors: Place[] = [
    { name: '', address: home },
    ...main.map(name => mirror(name, onMain)),
    ...security.map(name => mirror(name, onSecurity)),
  ]
  if (snapshot === undefined) return mirrors
  const name = `the snapshot archive ${snapshot}`
  return [
    ...mirrors,
    { name, address: ({ sha1 }) => (sha1 === undefined ? undefined : `${snapshot}/file/${sha1}`) },
    ...times.map(time => ({
      name,
      address: (file: WantedFile) => {
        const of = isSecurity(file) ? 'debian-security' : 'debian'
        return `${snapshot}/archive/${of}/${stamp(time)}/${file.folder}/${file.name}`
      },
    })),
  ]
}

const countOf = (files: WantedFile[]) =>
  files.length === 1 ? (files[0]?.name ?? '') : `${files.length} files`

/** A server that answers is worth more questions; what it says of one file tells that. */
const answers = ({ reason }: FailedTransfer) => /^(?:\S+ )?[1-5]\d\d\b|Hash Sum|size/i.test(reason)

/** Asks one place for all that it may have. @returns what is still missing */
async function ask(
  place: Place,
  wanted: WantedFile[],
  archive: DebianArchive,
  what: string,
): Promise<MissingFile[]> {
  const transfers: (Transfer & { wanted: WantedFile })[] = wanted.flatMap(file => {
    const url = place.address(file)
    if (url === undefined) return []
    const source: ArchiveFile = { name: file.name, size: file.size, sha256: file.sha256, url }
    return [{ file: source, to: file.to, wanted: file }]
  })
  const { signal } = archive.options
  const asked = new Set(transfers.map(each => each.wanted))
  const rest = wanted.filter(file => !asked.has(file)).map(file => ({ ...file, reason: 'nobody has it' }))
  const failed = new Map<string, string>()
  const from = place.name === '' ? '' : ` from ${place.name}`
  const label = (some: WantedFile[]) => `fetching ${from === '' && what !== '' ? what : countOf(some)}${from}`
  const run = async (some: typeof transfers, progress: Progress) => {
    const failures = await fetchAll(some, label(some.map(each => each.wanted)), progress, signal)
    for (const each of failures) failed.set(each.to, each.reason)
    return failures
  }
  const [smallest, ...others] = [...transfers].sort((a, b) => a.file.size - b.file.size)
  if (smallest !== undefined && transfers.length >= worthAsking) {
    const [silentOne] = (await run([smallest], silent)).filter(each => !answers(each))
    if (silentOne === undefined) await run(others, archive.progress)
    else for (const each of others) failed.set(each.to, silentOne.reason)
  } else await run(transfers, archive.progress)
  const missing = transfers
    .filter(each => failed.has(each.to))
    .map(each => ({ ...each.wanted, reason: failed.get(each.to) ?? '' }))
  return [...rest, ...missing]
}

/**
 * Fetches files by their digests from whoever has them.
 * @param what they are, for the line of progress, such as `the build root (147 packages)`
 * @returns those that nobody has; with `offline` nobody is asked
 */
export async function findFiles(
  wanted: WantedFile[],
  archive: DebianArchive,
  what: string,
  times: Date[] = [],
): Promise<MissingFile[]> {
  let missing: MissingFile[] = wanted.map(file => ({ ...file, reason: 'the cache does not have it' }))
  if (missing.length === 0 || archive.options.offline) return missing
  const reasons = new Map<string, string>()
  for (const place of await places(archive, times)) {
    missing = await ask(place, missing, archive, what)
    // The machine's own mirror is asked first: what it said helps most.
    for (const { to, reason } of missing) if (!reasons.has(to)) reasons.set(to, reason)
    if (missing.length === 0 || archive.options.signal?.aborted) break
  }
  return missing.map(file => ({ ...file, reason: reasons.get(file.to) ?? file.reason }))
}
