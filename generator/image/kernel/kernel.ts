import type { LockInUse } from '../../programs/todays-lock.ts'

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
  /** What it was built from, where it was built here. */
  inUse?: LockInUse
}

/** Which kernel to take: a Debian package, the one that is made for stage one, or any tree with boot/ and lib/modules/. */
export type KernelChoice = { package: string } | { netboot: true } | { root: string; version?: string }

/** What `--kernel` calls the kernel that is made for stage one; no package of Debian's is called so. */
export const netbootKernel = 'netboot'

/** What `--kernel` means. */
export const kernelNamed = (name: string): KernelChoice =>
  name === netbootKernel ? { netboot: true } : { package: name }
