import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A file that is open for an answer. What happens to its name from now on does not touch the answer. */
export interface ServedFile {
  file: FileHandle
  /** Bytes, when it was opened. */
  size: number
  modified: Date
  /** Another size or time of change is another tag. */
  tag: string
}

/** Why a file is not served. */
export interface NotServed {
  status: 403 | 404 | 503
  reason: string
}

const statusOf: Record<string, NotServed> = {
  ENOENT: { status: 404, reason: 'no such file' },
  ENOTDIR: { status: 404, reason: 'no such file' },
  ENAMETOOLONG: { status: 404, reason: 'no such file' },
  ELOOP: { status: 404, reason: 'a link that leads in a circle' },
  EACCES: { status: 403, reason: 'the server may not read it' },
  EPERM: { status: 403, reason: 'the server may not read it' },
  ENXIO: { status: 403, reason: 'not a file' },
}

/**
 * Opens a file of the folder. Links are followed as long as they stay in the folder; the check is made on what was
 * opened, so that no change between the two can lead out. Only what is a plain file is served.
 *
 * @param path as `pathOf` gives it
 */
export async function openServed(folder: string, path: string): Promise<ServedFile | NotServed> {
  let file: FileHandle | undefined
  try {
    const root = await realpath(folder).catch(() => undefined)
    if (root === undefined) return { status: 503, reason: `the folder ${folder} is not there` }
    // Not to wait for the other end of a pipe.
    file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await file.stat()
    const place = await readlink(`/proc/self/fd/${file.fd}`)
    const within = root === sep ? sep : root + sep
    const refusal: NotServed | undefined = !place.startsWith(within)
      ? { status: 403, reason: 'a link that leads out of the folder' }
      : place.slice(within.length - 1).includes('/.')
        ? { status: 403, reason: 'a link to a hidden file' }
        : stat.isFile()
          ? undefined
          : stat.isDirectory()
            ? { status: 404, reason: 'a folder' }
            : { status: 403, reason: 'not a file' }
    if (refusal !== undefined) {
      await file.close()
      return refusal
    }
    const tag = `"${stat.size.toString(16)}-${Math.floor(stat.mtimeMs * 1000).toString(16)}"`
    return { file, size: stat.size, modified: stat.mtime, tag }
  } catch (error) {
    await file?.close().catch(() => {})
    const { code, message } = error as NodeJS.ErrnoException
    // Too many open files, a disk that fails: it may work later.
    return statusOf[code ?? ''] ?? { status: 503, reason: message }
  }
}
