import type { Command } from 'commander'
import type { InspectFlags } from '../image/inspect/show.ts'

export function registerInspect(program: Command): void {
  program
    .command('inspect')
    .description('List an image: mode, size and path of all that is in it, and what takes the space.')
    .argument('<images...>', 'an initramfs, such as output/initrd.img; with --diff two')
    .option('--tree', 'show it as a tree, with sizes')
    .option('--sizes', 'list files and folders by their size, the biggest first')
    .option('--diff', 'show what differs between two images, whatever their compression')
    .option('--cat <path>', 'print one file of it')
    .option('--extract <dir>', 'write its files below a new folder')
    .action(async (images: string[], flags: InspectFlags) => {
      const { showImages } = await import('../image/inspect/show.ts')
      await showImages(images, flags)
    })
}
