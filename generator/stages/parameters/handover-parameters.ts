/**
 * What the next kernel is told, and what follows when none is started.
 * @group end
 */
export interface HandoverParameters {
  /**
   * The command line of the next kernel.
   * @group next
   * @example next_kernel_params="root=live:http://10.0.0.1/root.img console=ttyS0"
   */
  nextKernelParams: string

  /**
   * The same as base64url (RFC 4648), for carriers that mangle quotes. It wins over next_kernel_params.
   * @group next
   */
  nextKernelParamsB64: string

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
   */
  onComplete: 'reboot' | 'shell' | 'poweroff' | 'halt'
}
