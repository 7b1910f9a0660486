/** What is to be published, and how. */
import type { RootStart } from './published-root.ts'
import type { Signer } from './sign-manifest.ts'

export interface PublishOptions {
  /** Kernel, initrds in the order in which they are to be joined, images. */
  files: string[]
  /** The folder that the web server shows. */
  outputDir: string
  /** Its address, without a slash at its end. */
  baseUrl: string
  /** Of the torrent, and of the folder of the files. */
  name: string
  /** Announce addresses. */
  trackers: string[]
  /** Bytes; by default what suits the size. */
  pieceLength?: number
  /** Peers come from the trackers alone (BEP 27). */
  private?: boolean
  /** The torrent names the web server, and every client asks it, too (BEP 19). */
  webSeed?: boolean
  /** The next kernel's command line. */
  nextKernelParams?: string
  /** Parameters of the site's own for the first stage. */
  append?: string
  /** How many nodes boot at a time. */
  nodes?: number
  /** Mbit/s: what the web server's machine can send, and a node's link. */
  originRate?: number
  nodeRate?: number
  /** Images become a part of the next initramfs, where each is `/NAME.img`. */
  imagesInInitramfs?: boolean
  /** The one image is the root of the first stage's own kernel: how it is started. */
  rootStart?: RootStart
  /** Who signs the manifest; without one there is none. */
  signers?: Signer[]
  /** SHA256SUMS is signed with this key, or with that of gpg's choice. */
  gpg?: string | true
  /** The manifest's number; by default one more than that of the one which is there. */
  serial?: number
  /** Days that it counts for; by default until the first signer's certificate ends. */
  validDays?: number
  /** Former generations that are kept for nodes in the middle of a boot; by default `generationsKept`. */
  keep?: number
  /** The folder that `build` wrote; without one the files are published and no boot snippets. */
  stageOne?: string
}
