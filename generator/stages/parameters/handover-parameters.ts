import type { Flag } from './kinds.ts'

/**
 * What the next kernel is told, and what follows when none is started.
 * @group end
 */
export interface HandoverParameters {
  /**
   * The command line of the next kernel{@part switch-root ; with boot=switch_root what the root sees as its own}.
   * @group next
   * @example next_kernel_params="root=live:http://10.0.0.1/root.img console=ttyS0"
   */
  nextKernelParams: string

  /**
   * The same as base64url (RFC 4648), for carriers that mangle quotes. It wins over next_kernel_params.
   * @group next
   * @part encoded-line
   */
  nextKernelParamsB64: string

  /**
   * Parameters of this command line, comma-separated, that are put before next_kernel_params where that has none of the same
   * name; empty for none.
   * @part inherit
   * @group next
   * @default console,BOOTIF,ip,ds
   */
  inherit: string

  /**
   * How many boots by kexec led here, this one counted: put before a next command line that has url=, kernel_url= or manifest=.
   * @part inherit
   * @group next
   * @default 1
   */
  bootPhase: number

  /**
   * So many boots may lead to each other; the next one is refused.
   * @part inherit
   * @group next
   * @default 10
   */
  bootPhases: number

  /**
   * Where the next initramfs has the image that lies beside the kernel; for several, a folder with / at its end. Then neither
   * root= nor live-media= is added to the next command line.
   * @part image-segments
   * @group next
   * @example image_dest=/sysroot.img
   */
  imageDest: string

  /**
   * The next initramfs has this boot's timeline so far, as /aria2-initrd/timeline.
   * @part reports
   * @group next
   */
  nextTimeline: Flag

  /**
   * What is booted: the next kernel, by kexec; the one image, as the root of this kernel (squashfs, erofs and ext4, with
   * --modules storage; tar and cpio); or nothing, as if no kernel were there.
   * @name boot
   * @part switch-root
   * @group next
   * @default kexec
   */
  bootWay: 'kexec' | 'switch_root' | 'none'

  /**
   * boot=switch_root: memory that makes the root writable, `tmpfs` or `tmpfs:size=4G`; without it the root is read-only.
   * @name rd.overlay
   * @part switch-root
   * @group next
   * @example rd.overlay=tmpfs:size=50%
   */
  overlay: string

  /**
   * boot=switch_root: the root hash of dm-verity, 64 (sha256) or 128 (sha512) hex digits. All of the image is read and held
   * against its hash tree: one of the files of url=, or behind the file system, as `veritysetup format` writes it.
   * @name roothash
   * @part verity
   * @group next
   */
  rootHash: string

  /**
   * How the next kernel is loaded. `auto`: by kexec_file_load, which checks signatures, or by kexec_load where the kernel lacks
   * that. `load`: by kexec_load.
   * @name kexec
   * @part kexec-load
   * @group next
   * @default auto
   */
  kexecCall: 'auto' | 'load'

  /**
   * What to do when the boot fails.
   * @default reboot
   * @part rescue-shell shell
   */
  onFailure: 'reboot' | 'shell' | 'poweroff' | 'halt'

  /**
   * Seconds to wait before that.
   * @default 30
   */
  failureDelay: number

  /**
   * What to do when all files are fetched and none is a kernel.
   * @default shell
   * @default halt
   * @part rescue-shell shell
   * @part file-roles
   * @part switch-root
   */
  onComplete: 'reboot' | 'shell' | 'poweroff' | 'halt'
}
