/** The first stage beside a publication: what `build` wrote. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { partsLeftOut } from '../image/records/image-parts.ts'
import type { PartName } from '../stages/api/parts.ts'
import { kernelArchitecture } from './file-marks.ts'
import type { PublishedFile } from './published-file.ts'

/** A first stage for other machines would not start the published kernel, nor be started. */
export async function requireSameMachine({ path, name }: PublishedFile, stageOne: string): Promise<void> {
  const first = join(stageOne, 'vmlinuz')
  const [ours, theirs] = await Promise.all([
    existsSync(first) ? kernelArchitecture(first) : undefined,
    kernelArchitecture(path),
  ])
  if (ours === undefined || theirs === undefined || ours === theirs) return
  throw new CommandError(
    `${name} is a kernel for ${theirs}, and the first stage in ${stageOne} is for ${ours}`,
    'name a first stage for these machines with --stage-one, or publish the files alone with --no-stage-one',
  )
}

/** The parts that the first stage does without; of one that others made nothing is known. */
export async function partsBeside(folder: string): Promise<PartName[]> {
  return existsSync(join(folder, 'manifest.json')) ? await partsLeftOut(folder) : []
}

/** The kernel and the initrd that `build` wrote, and where they get. */
export async function readStageOne(folder: string): Promise<[path: string, content: Buffer][]> {
  const read = async (file: string): Promise<[string, Buffer]> => {
    const path = join(folder, file)
    const content = await readFile(path).catch((error: unknown) => {
      throw new CommandError(
        `cannot read ${path}, the first stage: ${reasonOf(error)}`,
        'npm run build makes it; --stage-one names another folder, --no-stage-one publishes the files alone',
      )
    })
    return [`stage-one/${file}`, content]
  }
  // One after the other: which of both is named where none is there does not depend on the disk.
  return [await read('vmlinuz'), await read('initrd.img')]
}
