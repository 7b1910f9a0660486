/** `--without PART…`: parts of the boot that an image does without. */
import { type Command, InvalidArgumentError } from 'commander'
import { partFault } from '../config/part-names.ts'
import { isPartName, type PartName, partTable } from '../stages/api/parts.ts'

/** Names with commas or blanks between them, or given several times. */
function collectParts(text: string, before: PartName[] = []): PartName[] {
  const names = text.split(',').map(name => name.trim())
  const fault = names.map(partFault).find(each => each !== undefined)
  if (fault !== undefined) throw new InvalidArgumentError(fault)
  return [...new Set([...before, ...names.filter(isPartName)])]
}

const about = 'leave parts of the boot out of /init and of the image'

/** Adds the option to a command that makes something. */
export function withParts(command: Command): Command {
  const width = Math.max(...Object.keys(partTable).map(name => name.length))
  const lines = Object.entries(partTable).map(([name, text]) => `  ${name.padEnd(width)} ${text}`)
  return command
    .option('--without <part...>', `${about}; see below`, collectParts)
    .addHelpText('after', `\nParts that can be left out:\n${lines.join('\n')}`)
}

/** The image that a command speaks of. */
export interface ImageFlags {
  without?: PartName[]
  image?: string
}

/** The same for a command that has words of its own behind its options: names with commas between them. */
export function withImageFlags(command: Command): Command {
  return command
    .option('--without <parts>', 'for an image without these parts, with commas', collectParts)
    .option('--image <dir>', 'for the image in a folder that build wrote')
}
