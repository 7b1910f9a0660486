// Brings lock.json up to what the release has now, and shows what has changed:
//   node --import tsx generator/image/binaries/update-lock.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { DebianArchive } from '../../debian/archive.ts'
import { type Progress, terminalProgress } from '../../progress.ts'
import { BuildRoot } from './build-root.ts'
import { type Lock, type LockedPackage, lockFile, readLock } from './lock.ts'

/** The lock file as it would be made today: the newest version of each of its packages, and today's build root. */
export async function newestLock(old: Lock, progress: Progress): Promise<Lock> {
  const cache = join(cacheFolder(), 'binaries')
  const archive = await DebianArchive.open(old.release, progress)
  for (const kind of ['source', 'binary'] as const) await archive.refresh(kind)
  const packages: Record<string, LockedPackage> = {}
  for (const [name, { kind }] of Object.entries(old.packages)) {
    const version = await archive.newestVersion(kind, name)
    if (version === undefined) {
      throw new CommandError(`Debian ${old.release} has no ${name} any more`, 'choose another source for it')
    }
    const files = (await archive.files(kind, name, version)).map(({ url: _, ...file }) => file)
    packages[name] = { version, kind, files }
  }
  const root = await BuildRoot.makeAnew(old.release, join(cache, 'build-root'), progress)
  return { release: old.release, packages, tools: root }
}

/** One line for each package or tool that differs. */
export function lockChanges(old: Lock, fresh: Lock): string[] {
  const versions = (lock: Lock) => ({
    ...Object.fromEntries(
      Object.entries(lock.packages).map(([name, { version }]) => [`source ${name}`, version]),
    ),
    ...Object.fromEntries(Object.entries(lock.tools).map(([name, version]) => [`tool ${name}`, version])),
  })
  const [before, after]: Record<string, string>[] = [versions(old), versions(fresh)]
  return Object.keys({ ...before, ...after })
    .filter(name => before?.[name] !== after?.[name])
    .map(name => `${name}: ${before?.[name] ?? 'none'} -> ${after?.[name] ?? 'none'}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const old = readLock()
  const fresh = await newestLock(old, terminalProgress())
  const changes = lockChanges(old, fresh)
  process.stdout.write(changes.length > 0 ? `${changes.join('\n')}\n` : 'nothing has changed\n')
  writeFileSync(lockFile, `${JSON.stringify(fresh, null, 2)}\n`)
}
