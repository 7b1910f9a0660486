// Builds the programs into the cache, without an image, in two steps of the Dockerfile:
//   --unpack FOLDER   fetches all and unpacks the build root, which becomes the root of the next stage
//   --here            builds in there: whatever the engine, its containers have /dev and /proc
// The other options are those of `fetch` that tell where Debian's files are looked for.
import { parseArgs } from 'node:util'
import { CommandError } from '../host/console/command-error.ts'
import { readableSize, terminalProgress } from '../host/console/progress.ts'
import { requireBuildMachine } from '../programs/build-machine.ts'
import { readLock } from '../programs/lock.ts'
import { type ProvideOptions, provideBinaries, unpackBuildRoot } from '../programs/provide-programs.ts'

function options(): ProvideOptions & { unpack?: string } {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      mirror: { ...text, multiple: true },
      'security-mirror': text,
      snapshot: text,
      locked: { type: 'boolean' },
      unpack: text,
      here: { type: 'boolean', default: false },
    },
  })
  const { mirror: mirrors, 'security-mirror': securityMirror, here, ...rest } = values
  return {
    ...rest,
    ...(mirrors && { mirrors }),
    ...(securityMirror && { securityMirror }),
    ...(here && { inOwnRoot: true, offline: true }),
  }
}

async function provide(options: ProvideOptions): Promise<void> {
  const { aria2c, busybox, kexec, inUse } = await provideBinaries(terminalProgress(), readLock(), options)
  for (const { name, size, sha256, source } of [aria2c, busybox, kexec]) {
    process.stdout.write(`${name}  ${readableSize(size)}  sha256 ${sha256}  ${source}\n`)
  }
  for (const { package: name, locked, used } of inUse?.departures ?? []) {
    process.stdout.write(`not as locked: ${name} ${used} in place of ${locked}\n`)
  }
}

try {
  requireBuildMachine()
  const { unpack, ...rest } = options()
  if (unpack === undefined) await provide(rest)
  else await unpackBuildRoot(unpack, terminalProgress(), rest)
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
