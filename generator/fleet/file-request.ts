/** What a request for a file says of who asks: a machine that boots, or anybody else who fetches a file. */

/** A served file, as the HTTP log has it. */
export interface FileAnswer {
  path: string
  sent: number
  whole: boolean
  userAgent?: string
  trouble?: string
}

/** publish puts the first stage there, and calls boot scripts so. */
export const isStageOne = (path: string): boolean =>
  /\/stage-one\/|\.ipxe(\?|$)|\/(grub|pxelinux)\.cfg/.test(path)

/**
 * Programs that only a machine runs that boots, as they call themselves: iPXE, EDK II's HTTP boot, GRUB, PXELINUX,
 * U-Boot's lwIP, and /init's aria2c.
 */
const ofMachines = /^(iPXE|gPXE|UefiHttpBoot|GRUB|Syslinux|U-Boot|lwIP|aria2-initrd)\b/i

/** What people have at their desks. BusyBox's wget, a boot loader's, writes no version. */
const ofPeople = /^(Mozilla|curl|Wget|aria2)\//

/**
 * Whether whoever asks so is a node. Firmware without a name, or with one that nobody knows, is told by what it asks
 * for: stage one.
 */
export const asksAsNode = ({ path, userAgent = '' }: FileAnswer): boolean =>
  ofMachines.test(userAgent) || (isStageOne(path) && !ofPeople.test(userAgent))
