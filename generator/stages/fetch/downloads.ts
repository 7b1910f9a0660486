/** What the download stage gives to those after it. */

/**
 * What came, by the parameter that asked for it. The folders' names are ours, and only root writes to them: whatever a
 * server, a torrent or a Metalink calls its files, they lie inside.
 */
export interface Downloads {
  /** The folder of what kernel_url gave; empty without it. */
  kernelFolder: string
  /** The folders of what each initrd_url gave, one a line, in order. */
  initrdFolders: string
  /** The folders of what each URL of url gave, one a line, in order. */
  urlFolders: string
  /** The files whose digest was compared as soon as they were there, one a line. */
  verifiedFiles: string
  /** The files of url whose digest `sha=` gave, and which have it, one a line. */
  provenFiles: string
}
