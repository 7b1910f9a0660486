/**
 * Seconds that a program has which waits for a device or for others: /init starts it with `limited`, KILL ends it then,
 * whatever it does. The other programs of the boot read memory and the kernel's own tables. A shell for a person has no
 * limit; udhcpc's and aria2c's are their stages', which know how long they may take.
 */
export const programLimits = {
  /** All drivers at once: each may look for its firmware and wait for its card. */
  modprobe: 120,
  /** One word to the kernel about an interface: some cards load their firmware when they are set up. */
  ip: 60,
  /** Kernel and initrd are copied and hashed once more: a gigabyte takes some seconds. */
  kexec: 180,
  /** What a local disk holds: slower than this, the network is the better source. */
  cp: 600,
}
