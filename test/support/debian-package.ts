/** A package of another Debian, unpacked and not installed. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Progress } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { findFiles } from '../../generator/host/debian/find-files.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { lastLines, runCommand } from '../../generator/host/processes/run-command.ts'

/** @returns the folder that it is unpacked in: what the cache has, or what the release has today */
export async function debianPackage(release: string, name: string, progress: Progress): Promise<string> {
  const folder = join(cacheFolder(), 'unpacked', `${name}-${release}`)
  if (existsSync(folder)) return folder
  const archive = await DebianArchive.open(release, progress, {})
  const version = await archive.newestVersion('binary', name)
  const [deb] = version === undefined ? [] : (await archive.debs({ [name]: version })).values()
  if (deb === undefined) throw new Error(`Debian ${release} has no package ${name}`)
  mkdirSync(dirname(folder), { recursive: true })
  const fresh = mkdtempSync(`${folder}.`)
  try {
    const to = join(fresh, deb.name)
    const [missing] = await findFiles([{ ...deb, to }], archive, name)
    const root = join(fresh, 'root')
    const { status, output } = await runCommand('dpkg-deb', ['--extract', to, root])
    if (missing !== undefined || status !== 0) throw new Error(missing?.reason ?? lastLines(output))
    if (!existsSync(folder)) renameSync(root, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}
