import { type Command, InvalidArgumentError } from 'commander'
import { binarySize, defaultEntryLimit, defaultUnpackedLimit } from '../image/inspect/limits.ts'
import type { InspectFlags } from '../image/inspect/show.ts'
import { size } from './quantities.ts'

function count(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('give a number such as 2000000')
  return Number(text)
}

export function registerInspect(program: Command): void {
  program
    .command('inspect')
    .description('list an image: mode, size and path of all that is in it, and what takes the space')
    .argument('<images...>', 'an initramfs, such as output/initrd.img, or a pipe; with --diff two')
    .option('--tree', 'show it as a tree, with sizes')
    .option('--sizes', 'list files and folders by their size, the biggest first')
    .option('--diff', 'show what differs between two images, whatever their compression')
    .option('--drivers', 'list the network cards that it can drive')
    .option('--hardware <files...>', 'tell which of its drivers serve the network cards in these files')
    .option('--cat <path>', 'print one file of it; names may be written as they are listed')
    .option('--extract <dir>', 'write its files below a new folder')
    .option(
      '--unpacked-limit <size>',
      `refuse what unpacks to more than this, such as 500M or 20G (default: ${binarySize(defaultUnpackedLimit)})`,
      size,
    )
    .option(
      '--entry-limit <count>',
      `refuse what has more files and folders than this (default: ${defaultEntryLimit})`,
      count,
    )
    .action(async (images: string[], flags: InspectFlags) => {
      const { showImages } = await import('../image/inspect/show.ts')
      await showImages(images, flags)
    })
}
