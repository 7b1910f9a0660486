import type { CompressionMethod } from '../image/compression/method.ts'
import type { PartChoice } from './part-names.ts'

/**
 * What `aria2-initrd.config.ts` may say: the options of `build`, by the same names. A flag on the command line wins over
 * its key here. Relative paths start at the folder of the file.
 */
export interface BuildConfig {
  /** The folder for initrd.img, vmlinuz, init, manifest.json and sbom.json. */
  output?: string
  /** The kernel, as a package of Debian such as `linux-image-amd64`, or `netboot`: a small one, built from Debian's source. */
  kernel?: string
  /** The kernel, from a tree with boot/ and lib/modules/; in place of `kernel`. */
  kernelRoot?: string
  /** Which kernel, when the tree has several. */
  kernelVersion?: string
  /** Sets of kernel modules and single modules, such as `['virtual', 'ethernet', 'nvme']`. */
  modules?: string[]
  /** Files that tell the devices of the machines: drivers of others are left out. */
  hardware?: string[]
  /** The firmware of the modules, from a folder such as /lib/firmware of any distribution. */
  firmware?: string
  /** Stages of the site's own, each with the stage that it follows. */
  stages?: { file: string; after: string }[]
  /** Parts of the boot that are left out, and those that are in by choice alone: `{ bittorrent: false, insecure: true }`. */
  parts?: PartChoice
  /** Files, folders and programs for the image, each `SRC` or `SRC:DEST`. */
  add?: string[]
  /** Files of certificates, in PEM, that are trusted beside Debian's. */
  ca?: string[]
  /** Files of certificates, in PEM, of those who may sign a manifest: the image boots nothing else then. */
  trust?: string[]
  /** How many of them must have signed it. */
  signatures?: number
  /** The oldest serial number of a manifest that counts. */
  minSerial?: number
  /** Whether what is added may take the place of what is there. */
  replace?: boolean
  /** How the image is compressed. */
  compress?: CompressionMethod
  /** A new folder for the source files of the programs and the recipes that they are built by. */
  sources?: string
  /** Mirrors of Debian that are asked where the machine's own lacks a file. */
  mirror?: string[]
  /** The mirror of Debian's security updates. */
  securityMirror?: string
  /** An archive of all that Debian ever had: `archive/` and `file/` lie below this address. */
  snapshot?: string
  /** Whether nothing but what the lock names will do. */
  locked?: boolean
  /** Whether nothing is fetched. */
  offline?: boolean
}

/** The file's name, when it lies in the current folder. */
export const configName = 'aria2-initrd.config.ts'

/** Gives an editor the types; hands back what it is given. */
export function defineConfig(config: BuildConfig): BuildConfig {
  return config
}
