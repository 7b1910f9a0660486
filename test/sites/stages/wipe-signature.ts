import { exists, hexAt, lines, log, namesIn, writeFile } from 'aria2-initrd/machine'

/** Which disk is to be forgotten. */
export interface WipeParameters {
  /**
   * The first bytes, in hex, of the disk to wipe: `58465342` is XFS, `4c554b53babe` LUKS. Without it no disk is touched.
   * @example wipe_signature=58465342
   */
  wipeSignature: string
}

/** Wipes the signature at the beginning of the first disk that has it, so that nothing takes it for a file system. */
export function wipeDisk(parameters: WipeParameters): void {
  const signature = parameters.wipeSignature
  if (signature === '') {
    return
  }
  const digits = signature.length
  const count = Math.trunc(digits / 2)
  const disks = namesIn('/sys/block')
  for (const disk of lines(disks)) {
    const device = `/dev/${disk}`
    if (exists(device)) {
      const firstBytes = hexAt(device, 0, count)
      if (firstBytes === signature) {
        writeFile(device, '----------------')
        log(`${device}: the signature ${signature} is wiped`)
        return
      }
    }
  }
  log(`no disk begins with ${signature}`)
}
