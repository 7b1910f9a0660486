import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CommandError } from '../console/command-error.ts'

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a folder',
  ENOENT: 'no such file',
  EIO: 'the disk reports an error',
  ELOOP: 'links lead in a circle',
  ENAMETOOLONG: 'a name is too long',
  EINVAL: 'a name cannot be had there',
  EMFILE: 'too many files are open',
}

/** Why a call to the system failed, in words where we have them. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}

/** Makes a folder and those above it. Node's own recursive mkdir never comes back from a place such as /proc/x. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !existsSync(dirname(path))) {
      makeFolder(dirname(path))
      makeFolder(path)
      return
    }
    if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw error
  }
}

/**
 * Writes files all or none: each is written in full beside its place and on the disk before the first takes its
 * place. A failure leaves what was there, byte for byte, and nothing beside it.
 */
export async function writeWholeFiles(
  files: { path: string; content: Buffer | string; mode?: number }[],
): Promise<void> {
  const pending: { beside: string; path: string }[] = []
  let current = ''
  try {
    for (const { path, content, mode = 0o644 } of files) {
      current = path
      makeFolder(resolve(dirname(path)))
      const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`
      const file = await open(beside, 'wx', 0o600)
      pending.push({ beside, path })
      try {
        await file.writeFile(content)
        await file.chmod(mode)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const { beside, path } of pending) {
      current = path
      await rename(beside, path)
    }
  } catch (error) {
    for (const { beside } of pending) await rm(beside, { force: true })
    throw new CommandError(
      `cannot write ${current}: ${reasonOf(error)}`,
      'make room there, or choose another folder; what was there before is untouched',
    )
  }
}
