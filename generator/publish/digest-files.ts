/** The digests of all files, each read once at most, and the files on their way to their places. */
import { type FileHandle, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Progress, silent } from '../host/console/progress.ts'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import { changed, digestFile, type FileRead, identityOf } from './digest-file.ts'
import { type DigestRecord, type RecordedFile, readRecord, recordText } from './digest-record.ts'
import { startDigesters } from './digest-workers.ts'
import type { Cut, FileDigests } from './digester.ts'
import type { PublishedFile } from './published-file.ts'
import { interiorStart } from './shared-pieces.ts'
import type { Staging } from './staging.ts'

export interface DigestRun {
  /** In the order of the torrent. */
  files: PublishedFile[]
  /** Where the files were published the last time. */
  folder: string
  pieceLength: number
  staging: Staging
  /** Path of the record of the last time. */
  record: string
  progress: Progress
  signal: AbortSignal
}

export interface DigestedFile extends FileDigests, Cut {
  name: string
  /** Where its bytes can be read now. */
  path: string
  /** Whether they had to be. */
  wasRead: boolean
  /** The identity of the file that was given, when it was read. */
  source: string
  /** So new that one more write might not show in its times. */
  isFresh: boolean
  /** What was given lies in the folder already: a link to it changes one of its times. */
  isInPlace: boolean
}

/** Writes within the clock's grain leave a file's times as they were; some file systems count in 2 s. */
const grain = 2000

export async function digestFiles(run: DigestRun): Promise<DigestedFile[]> {
  const { files, folder, pieceLength, staging, progress, signal } = run
  const known = await readRecord(run.record)
  const plans: { file: PublishedFile; cut: Cut; found: RecordedFile | undefined }[] = []
  let offset = 0
  for (const file of files) {
    const cut = { pieceLength, interiorStart: interiorStart(offset, pieceLength) }
    const published = join(folder, file.name)
    const found = await unchanged(known[file.name], file, published, cut)
    const isTaken = found !== undefined && (await staging.link(published, file.name))
    plans.push({ file, cut, found: isTaken ? found : undefined })
    offset += file.size
  }

  const toRead = plans.filter(({ found }) => found === undefined)
  const bytes = toRead.reduce((sum, { file }) => sum + file.size, 0)
  const { track } = toRead.length === 0 ? silent : progress
  const { advance, done } = track(`reading ${toRead.length} of ${files.length} files`, bytes)
  const digesters = startDigesters(bytes)
  try {
    const digested: DigestedFile[] = []
    for (const { file, cut, found } of plans) {
      const { name } = file
      const isInPlace = await isSameFile(file.path, join(folder, name))
      if (found !== undefined) {
        const { source, digests } = found
        const path = join(staging.folder, name)
        digested.push({ name, ...cut, ...digests, path, wasRead: false, source, isFresh: false, isInPlace })
        continue
      }
      const { path: from, envelope } = file
      const around = envelope === undefined ? {} : { envelope }
      const pass = { ...cut, ...around, path: from, onBytes: advance, signal }
      const started = Date.now()
      const { path, read } =
        isInPlace && (await staging.link(from, name))
          ? await linked(staging, name, path => digestFile(digesters, { ...pass, path }))
          : await copied(staging, name, copy => digestFile(digesters, { ...pass, copy }))
      const { identity: source, ...digests } = read
      // Since its size was asked for, which the pieces of the others rest on.
      if (digests.size !== file.size) throw changed(from)
      const isFresh = (await stat(file.path)).mtimeMs > started - grain
      digested.push({ name, ...cut, ...digests, path, wasRead: true, source, isFresh, isInPlace })
    }
    return digested
  } finally {
    await digesters.close()
    done()
  }
}

async function linked(staging: Staging, name: string, read: (path: string) => Promise<FileRead>) {
  const path = join(staging.folder, name)
  return { path, read: await read(path) }
}

async function copied(staging: Staging, to: string, read: (copy: FileHandle) => Promise<FileRead>) {
  const { beside, result } = await staging.write(to, read)
  return { path: beside, read: result }
}

async function isSameFile(path: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([path, other].map(each => stat(each).catch(() => undefined)))
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev
}

/** What the record knows of a file, if neither it nor the published one has been touched since. */
async function unchanged(
  recorded: RecordedFile | undefined,
  file: PublishedFile,
  published: string,
  cut: Cut,
): Promise<RecordedFile | undefined> {
  if (recorded === undefined || recorded.digests.size !== file.size) return undefined
  if (recorded.pieceLength !== cut.pieceLength || recorded.interiorStart !== cut.interiorStart)
    return undefined
  const [source, there] = await Promise.all([identityAt(file.path), identityAt(published)])
  return recorded.source === source && recorded.published === there ? recorded : undefined
}

async function identityAt(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? undefined : identityOf(found)
}

/** Writes down what the next run need not read. To be called when the files are in their places. */
export async function recordDigests(path: string, folder: string, files: DigestedFile[]): Promise<void> {
  const record: DigestRecord = {}
  for (const file of files) {
    const { name, pieceLength, interiorStart, size, sha256, sha256Pieces, interiorPieces } = file
    const published = await identityAt(join(folder, name))
    if (file.isFresh || published === undefined) continue
    const digests = { size, sha256, sha256Pieces, interiorPieces }
    const source = file.isInPlace ? published : file.source
    record[name] = { pieceLength, interiorStart, source, published, digests }
  }
  // All that is published is in its place; without a record the next run takes longer, and that is all.
  await writeWholeFiles([{ path, content: recordText(record) }]).catch(() => {})
}
