import { CommandError } from '../../host/console/command-error.ts'
import { readableSize } from '../../host/console/progress.ts'

/**
 * Node reads no more than this at once. newc itself ends at 4 GiB, and a machine needs twice the size of its image in
 * memory to unpack it.
 */
export const mostBytes = 2 ** 31 - 1

/** Refuses what is too big for an image before a byte of it is read. */
export class Room {
  #taken = 0

  take(path: string, bytes: number): void {
    if (bytes > mostBytes) {
      throw new CommandError(
        `${path} has ${readableSize(bytes)}: too much for an image, which is unpacked in the memory of the machine`,
        `leave it out, and let the machine fetch it with url=; a file may have up to ${readableSize(mostBytes)}`,
      )
    }
    this.#taken += bytes
    if (this.#taken > mostBytes) {
      throw new CommandError(
        `what is added has more than ${readableSize(mostBytes)} in all, up to ${path}`,
        'leave some of it out, and let the machine fetch it with url=',
      )
    }
  }
}
