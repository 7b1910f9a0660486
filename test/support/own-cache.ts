import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'

/** Runs with a cache of its own, below the folder. */
export async function withCache<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.XDG_CACHE_HOME
  process.env.XDG_CACHE_HOME = folder
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
  }
}

/** Makes a cache below the folder that has all files of the lock, as far as they are here, and nothing that was built of them. */
export function fillCache(folder: string): void {
  for (const part of ['binaries/sources', 'binaries/build-root/packages']) {
    const [from, to] = [join(cacheFolder(), part), join(folder, 'aria2-initrd', part)]
    if (!existsSync(from)) continue
    mkdirSync(dirname(to), { recursive: true })
    cpSync(from, to, { recursive: true })
  }
}
