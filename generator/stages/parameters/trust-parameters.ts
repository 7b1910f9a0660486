/**
 * What proves that the files which are booted are the right ones.
 * @group next
 */
export interface TrustParameters {
  /**
   * The digest of the kernel in hex: sha256 or sha512, told by its length or written before it (`sha256:HEX`). As soon as a digest is given for one file,
   * every file that is booted needs one.
   * @holds digest
   */
  kernelSha: string

  /**
   * The digest of the initrd in hex, like kernel_sha. With several initrds: one each, in the same order.
   * @repeats
   * @alias ramdisk_sha
   * @holds digest
   */
  initrdSha: string
}
