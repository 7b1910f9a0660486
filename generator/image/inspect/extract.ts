import { constants } from 'node:fs'
import { chmod, lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { runCommand } from '../../run-command.ts'
import { reasonOf } from '../whole-file.ts'
import { plainPath } from './image-reader.ts'
import { printable } from './listing.ts'
import { type ReadEntry, typeOf } from './newc-reader.ts'

function refuse(path: string, why: string): CommandError {
  return new CommandError(
    `/${printable(path)} in the image ${why}: it was not extracted`,
    'do not trust this image',
  )
}

/**
 * Makes the folder above a path, one after another, and refuses to go through anything but a real folder: a link in
 * the archive could else lead the next entry out of `folder`.
 */
async function foldersAbove(folder: string, path: string): Promise<void> {
  let current = folder
  for (const word of path.split('/').slice(0, -1)) {
    current = join(current, word)
    const there = await lstat(current).catch(() => undefined)
    if (there === undefined) await mkdir(current)
    else if (!there.isDirectory()) throw refuse(path, 'lies below a link or a file')
  }
}

/** Makes a device where that is allowed. For its owner alone: the image may come from anyone. */
async function makeDevice(target: string, { mode, major, minor }: ReadEntry): Promise<boolean> {
  if (process.geteuid?.() !== 0) return false
  const kind = typeOf({ mode }) === constants.S_IFCHR ? 'c' : 'b'
  const words = ['-m', '600', '--', target, kind, String(major), String(minor)]
  return (await runCommand('mknod', words)).status === 0
}

const isDevice = (type: number) => type === constants.S_IFCHR || type === constants.S_IFBLK

/**
 * Writes the entries below `folder`, which must be new or empty; never outside it, whatever the archive says.
 * @returns the paths that were left out: devices where this is not root, pipes and sockets
 */
export async function extract(entries: ReadEntry[], folder: string): Promise<{ left: string[] }> {
  const paths = entries.map(entry => plainPath(entry.path))
  for (const path of paths) {
    if (path.includes('\0') || path.split('/').includes('..'))
      throw refuse(path, 'has a path that leads out of it')
  }
  const left: string[] = []
  const folderModes: [string, number][] = []
  try {
    for (const [index, entry] of entries.entries()) {
      const path = paths[index]?.replace(/\/+$/, '') ?? ''
      if (path === '' || path === '.') continue
      await foldersAbove(folder, path)
      const target = join(folder, path)
      // Never set-user-id: the file may come from anyone, and this may be root.
      const mode = entry.mode & 0o1777
      const type = typeOf(entry)
      if (type === constants.S_IFDIR) {
        const there = await lstat(target).catch(() => undefined)
        if (there === undefined) await mkdir(target)
        else if (!there.isDirectory()) throw refuse(path, 'is a folder and something else at once')
        folderModes.push([target, mode])
      } else if (type === constants.S_IFREG) {
        await writeFile(target, entry.content, { flag: 'wx', mode: 0o600 })
        await chmod(target, mode)
      } else if (type === constants.S_IFLNK) await symlink(entry.content, target)
      else if (!isDevice(type) || !(await makeDevice(target, entry))) left.push(path)
    }
    // Last: a folder may be one that nobody may write to.
    for (const [path, mode] of folderModes.reverse()) await chmod(path, mode)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `cannot extract to ${folder}: ${reasonOf(error)}`,
      'name a new folder on a disk with room',
    )
  }
  return { left }
}
