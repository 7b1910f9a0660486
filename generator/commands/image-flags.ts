/** `--without PART…` and `--with PART…`: parts of the boot that an image lacks, and those that are in by choice alone. */
import { type Command, InvalidArgumentError } from 'commander'
import { type PartFlags, partFault } from '../config/part-names.ts'
import { isPartName, leftOutByDefault, type PartName, partNames, partTable } from '../stages/api/parts.ts'

/** Names with commas or blanks between them, or given several times. */
function collectParts(text: string, before: PartName[] = []): PartName[] {
  const names = text.split(',').map(name => name.trim())
  const fault = names.map(partFault).find(each => each !== undefined)
  if (fault !== undefined) throw new InvalidArgumentError(fault)
  return [...new Set([...before, ...names.filter(isPartName)])]
}

/** Adds the options to a command that makes something. */
export function withParts(command: Command): Command {
  const width = Math.max(...partNames.map(name => name.length))
  const lines = (isByChoice: boolean) =>
    partNames
      .filter(name => leftOutByDefault.includes(name) === isByChoice)
      .map(name => `  ${name.padEnd(width)} ${partTable[name]}`)
      .join('\n')
  return command
    .option(
      '--without <part...>',
      'leave parts of the boot out of /init and of the image; see below',
      collectParts,
    )
    .option('--with <part...>', 'put in parts that are left out by default; see below', collectParts)
    .addHelpText(
      'after',
      `\nParts that can be left out:\n${lines(false)}\n\nParts that are in by --with alone:\n${lines(true)}`,
    )
}

/** The image that a command speaks of. */
export interface ImageFlags extends PartFlags {
  image?: string
}

/** The same for a command that has words of its own behind its options: names with commas between them. */
export function withImageFlags(command: Command): Command {
  return command
    .option('--without <parts>', 'for an image without these parts, with commas', collectParts)
    .option('--with <parts>', 'for an image that was built --with these parts, with commas', collectParts)
    .option('--image <dir>', 'for the image in a folder that build wrote')
}
