/** The fuzz targets, built from the source and the patches that the image's aria2c is built from. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../../generator/host/console/command-error.ts'
import type { Progress } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { lastLines, runCommand } from '../../generator/host/processes/run-command.ts'
import { withBuildLock } from '../../generator/programs/build-lock.ts'
import { lockedPackage, readLock } from '../../generator/programs/lock.ts'
import { recipeFile, recipeNamed } from '../../generator/programs/recipes.ts'
import { lockTimes, provideLocked, requireAll } from '../../generator/programs/sources.ts'
import { fuzzPrograms } from '../support/requirements.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const targets = join(folder, 'targets')
const libraryScript = join(folder, 'library.sh')

/** The targets' names: `targets/NAME.cc`. */
export const targetNames = readdirSync(targets)
  .filter(file => file.endsWith('.cc'))
  .map(file => basename(file, '.cc'))
  .sort()

/** Our patches of aria2, in the order of the recipe. */
const patches = recipeNamed('aria2c')
  .reads.filter(file => file.endsWith('.patch'))
  .map(file => fileURLToPath(recipeFile(file)))

/** What the recipe has read once, too. */
const frequentHeaders = fileURLToPath(recipeFile('recipes/aria2-headers.h'))

function keyOf(parts: string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}\n${part}`)
  return hash.digest('hex').slice(0, 16)
}

/** clang's own libraries come in a package of its version. */
async function ensureClang(progress: Progress): Promise<string> {
  await ensurePrograms(fuzzPrograms, progress)
  const ask = (option: string) => spawnSync('clang', [option], { encoding: 'utf8' }).stdout.trim()
  const version = ask('-dumpversion')
  await ensurePrograms(
    [
      {
        program: join(ask('-print-runtime-dir'), 'libclang_rt.fuzzer-x86_64.a'),
        package: `libclang-rt-${version.replace(/\..*/, '')}-dev`,
        why: 'run the tests',
      },
    ],
    progress,
  )
  return version
}

/**
 * Builds what the cache lacks: the library takes 5 minutes on two cores, a target some seconds.
 * @returns the program of each target by its name
 * @throws CommandError when something is missing or does not compile; the logs are in the cache
 */
export async function provideFuzzers(progress: Progress): Promise<Map<string, string>> {
  const version = await ensureClang(progress)
  const cache = join(cacheFolder(), 'fuzz')
  const lock = readLock()
  const read = (path: string) => readFileSync(path, 'utf8')
  const libraryKey = keyOf([
    version,
    JSON.stringify(lockedPackage(lock, 'aria2').files),
    read(libraryScript),
    ...[frequentHeaders, ...patches].map(read),
  ])
  const library = join(cache, `library-${libraryKey}`)
  const headers = readdirSync(targets).filter(file => file.endsWith('.h'))
  const program = (name: string) => {
    const texts = [...headers, `${name}.cc`].map(file => read(join(targets, file)))
    return join(cache, `${name}-${keyOf([libraryKey, compileOptions.join(' '), ...texts])}`)
  }
  const programs = new Map(targetNames.map(name => [name, program(name)]))
  if ([...programs.values()].every(path => existsSync(path))) return programs

  await withBuildLock(cache, progress, async () => {
    if (!existsSync(library)) await buildLibrary(library, progress)
    progress.step('building the fuzz targets')
    const waiting = [...programs].filter(([, path]) => !existsSync(path))
    const next = async (): Promise<void> => {
      const entry = waiting.pop()
      if (entry === undefined) return
      await buildTarget(...entry, library)
      await next()
    }
    await Promise.all(Array.from({ length: availableParallelism() }, next))
  })
  return programs
}

async function buildLibrary(library: string, progress: Progress): Promise<void> {
  const lock = readLock()
  const { paths, missing } = await provideLocked(
    [['aria2', lockedPackage(lock, 'aria2')]],
    join(cacheFolder(), 'binaries', 'sources'),
    () => DebianArchive.open(lock.release, progress),
    'the source of aria2',
    lockTimes(lock),
  )
  requireAll(missing, 'see that the network is up')
  progress.step('building aria2 with sanitizers (5 min on two cores)')
  const work = `${library}.work`
  const sources = `${library}.sources`
  rmSync(sources, { recursive: true, force: true })
  mkdirSync(sources, { recursive: true })
  for (const [name, path] of paths) symlinkSync(path, join(sources, name))
  await compile(
    'sh',
    [libraryScript, sources, work, `${library}.new`, frequentHeaders, ...patches],
    `${library}.log`,
  )
  renameSync(`${library}.new`, library)
  for (const path of [work, sources]) rmSync(path, { recursive: true, force: true })
}

// Targets look into aria2's classes.
const compileOptions = [
  ...['-std=c++17', '-O1', '-gline-tables-only', '-fno-omit-frame-pointer', '-fno-access-control'],
  ...['-fsanitize=address,undefined,fuzzer', '-fno-sanitize-recover=undefined'],
  ...['-DHAVE_CONFIG_H', '-D_GLIBCXX_ASSERTIONS'],
]

async function buildTarget(name: string, path: string, library: string): Promise<void> {
  const words = [
    ...[...compileOptions, '-isystem', join(library, 'include'), join(targets, `${name}.cc`)],
    ...[join(library, 'libaria2.a'), '-lssl', '-lcrypto', '-lcares', '-lexpat', '-lz', '-pthread'],
    ...['-o', `${path}.new`],
  ]
  await compile('clang++', words, `${path}.log`)
  renameSync(`${path}.new`, path)
}

async function compile(command: string, words: string[], log: string): Promise<void> {
  const { status, output } = await runCommand(command, words, { log })
  if (status !== 0)
    throw new CommandError(`${command} failed (whole log: ${log}):\n${lastLines(output, 20)}`, 'see the log')
}
