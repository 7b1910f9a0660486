/** How Debian's archive is reached, beside what the machine's apt says. */
export interface ArchiveOptions {
  /** Mirrors of Debian that are asked where the machine's own lacks something. */
  mirrors?: string[]
  /** The mirror of Debian's security updates, in place of the one that the machine's apt names. */
  securityMirror?: string
  /** The archive of all that Debian ever had: below this address lie `archive/` and `file/`. */
  snapshot?: string
  /** Nothing is fetched: what the cache has is all there is. */
  offline?: boolean
  /** Ends what is being fetched. */
  signal?: AbortSignal
}
