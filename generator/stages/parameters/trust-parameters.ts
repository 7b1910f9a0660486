/**
 * What proves that the files which are booted are the right ones.
 * @group next
 */
export interface TrustParameters {
  /**
   * The digest of the kernel in hex: sha256 or sha512. Its length tells which, or its name before it: `sha256:HEX`. As soon as a digest is given for one file,
   * every file that is booted needs one{@part metalink ; SHA-256 or better in the Metalink that it comes by is one}.
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

  /**
   * The digests of the files of url, like kernel_sha: one each, in the same order. Each address gives one file then.
   * @name sha
   * @repeats
   * @part digest-lists
   * @holds digest
   */
  urlSha: string

  /**
   * A list of sha256 digests, as sha256sum(1) writes it; commas separate its mirrors. A file that is not in it, by its name and digest, is
   * not taken, wherever it comes from.
   * @name sha256sums
   * @part digest-lists
   * @example sha256sums=https://10.0.0.1/SHA256SUMS
   * @holds addresses
   */
  digestList: string

  /**
   * The signed manifest: which files are booted, and with which command line. Its signature lies beside it, as
   * `URL.sig`. The files come from the same folder, or from url, kernel_url and initrd_url. Commas separate mirrors. An
   * image that was built with `--trust` boots nothing else.
   * @part signatures
   * @holds addresses
   * @example manifest=http://10.0.0.1/node.manifest
   */
  manifest: string

  /**
   * The oldest serial number of a manifest that counts. The image may have a higher one of its own.
   * @part signatures
   * @default 0
   */
  minSerial: number
}
