/** What is done to the folder that the web server shows, and said of it. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'

const entriesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).map(entry => ({
    path: join(entry.parentPath, entry.name).slice(folder.length + 1),
    isFolder: entry.isDirectory(),
  }))

/** The folders below a folder, those above others first. */
export const foldersIn = async (folder: string): Promise<string[]> =>
  (await entriesIn(folder)).flatMap(({ path, isFolder }) => (isFolder ? [path] : [])).sort()

/** The files below a folder, by their paths in it. */
export const filesIn = async (folder: string): Promise<string[]> =>
  (await entriesIn(folder)).flatMap(({ path, isFolder }) => (isFolder ? [] : [path])).sort()

/** A file or folder is on the disk, and a folder's names with it. */
export async function syncFolder(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** @throws CommandError with the path, where the system refuses something */
export async function naming<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof CommandError || (error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new CommandError(
      `cannot write ${path}: ${reasonOf(error)}`,
      'make room there, or choose another folder with -o',
    )
  }
}
