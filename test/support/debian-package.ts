/** A package of another Debian, unpacked and not installed. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { unpackPackages } from '../../generator/host/debian/unpack-packages.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'

/** @returns the folder that it is unpacked in: what the cache has, or what the release has today */
export async function debianPackage(release: string, name: string, progress: Progress): Promise<string> {
  const folder = join(cacheFolder(), 'unpacked', `${name}-${release}`)
  if (existsSync(folder)) return folder
  const archive = await DebianArchive.open(release, progress, {})
  const version = await archive.newestVersion('binary', name)
  if (version === undefined) throw new Error(`Debian ${release} has no package ${name}`)
  await unpackPackages(folder, archive, { [name]: version }, name)
  return folder
}
