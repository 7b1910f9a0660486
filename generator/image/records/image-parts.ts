/** Which parts of the boot an image has, as manifest.json beside it says. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { isJsonObject } from '../../host/files/json-object.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { leftOutByDefault, type PartName, partNames } from '../../stages/api/parts.ts'

/**
 * The parts that the image in a folder does without. A manifest that does not tell is of a time when all were in that are so by default.
 * @throws CommandError where there is no manifest, or none that can be read
 */
export async function partsLeftOut(folder: string): Promise<PartName[]> {
  const path = join(folder, 'manifest.json')
  const help = 'name a folder that build wrote'
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(`cannot read ${path}, which tells the image's parts: ${reasonOf(error)}`, help)
  })
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch {
    throw new CommandError(`${path} is no JSON`, help)
  }
  const parts = isJsonObject(manifest) ? manifest.parts : undefined
  if (parts === undefined) return [...leftOutByDefault]
  if (!Array.isArray(parts)) throw new CommandError(`${path}: its parts are no list`, help)
  return partNames.filter(name => !parts.includes(name))
}
