/**
 * Seconds that a program has which waits for a device or for others: /init starts it with `limited`, KILL ends it then,
 * whatever it does. The other programs of the boot read memory and the kernel's own tables. A shell for a person has no
 * limit; udhcpc's is the stage's, which knows rd.net.timeout.dhcp.
 */
export const programLimits = {
  /** All drivers at once: each may look for its firmware and wait for its card. */
  modprobe: 120,
  /** One word to the kernel about an interface: some cards load their firmware when they are set up. */
  ip: 60,
  /** It ends by itself after `--stop=7200`; where it does not, a minute later. */
  aria2c: 7260,
  /** Kernel and initrd are copied and hashed once more: a gigabyte takes some seconds. */
  kexec: 180,
}
