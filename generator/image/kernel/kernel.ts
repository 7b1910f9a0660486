/** A kernel that stage one can boot, and what is known of where it came from. */
export interface Kernel {
  /** As `uname -r` says it: the name of its folder of modules. */
  version: string
  /** Path of the kernel's file. */
  vmlinuz: string
  /** Path of `lib/modules/VERSION`, or undefined where the tree has none. */
  modules: string | undefined
  /** Where it came from, for the report: a package with its version, or the tree. */
  origin: string
}

/** Which kernel to take: a Debian package, or any tree with boot/ and lib/modules/. */
export type KernelChoice = { package: string } | { root: string; version?: string }
