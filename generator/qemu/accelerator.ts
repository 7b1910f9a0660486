import { accessSync, constants, readFileSync } from 'node:fs'

/**
 * Whether QEMU can use KVM here: the device can be opened and the processor says that it virtualises.
 * The second half matters in nested machines: there /dev/kvm may exist without vmx or svm, the BIOS then still runs,
 * and the guest kernel hangs without a word (measured).
 */
export function kvmUsable(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return /^flags\s*:.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}
