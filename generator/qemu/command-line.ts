import { kvmUsable } from './accelerator.ts'

/** One network card of the machine. */
export interface Nic {
  /** `user`: QEMU's own network with DHCP, the host's loopback is 10.0.2.2. `silent`: a cable with nobody at its end. */
  network: 'user' | 'silent'
  /** Default virtio-net-pci. */
  model?: string
  mac?: string
  /** `down`: no carrier from power-on on. */
  link?: 'up' | 'down'
}

export interface MachineOptions {
  kernel: string
  initrd?: string
  /** The kernel's command line; `machineParameters` come before it. */
  append?: string
  /** MiB, default 1024. */
  memory?: number
  /** Default: one on the user network. */
  nics?: Nic[]
  /** Default: KVM where it works, else emulation. */
  kvm?: boolean
}

/**
 * What the first kernel is told before the caller's own words: the console is the serial line, a panic is an end, and
 * a timer that is late because this machine is busy is no broken timer.
 */
export const machineParameters = 'console=ttyS0 panic=-1 no_timer_check'

/** The host as a guest on QEMU's user network reaches it. */
export const hostFromGuest = '10.0.2.2'

/** The machine and its kernel as QEMU's options; console, monitor and display are the caller's. */
export function machineArguments(options: MachineOptions): string[] {
  const { kernel, initrd, append = '', memory = 1024, nics = [{ network: 'user' }] } = options
  return [
    ...['-accel', (options.kvm ?? kvmUsable()) ? 'kvm' : 'tcg'],
    ...['-m', String(memory), '-no-reboot'],
    ...['-kernel', kernel],
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...['-append', `${machineParameters} ${append}`.trim()],
    ...(nics.length === 0 ? ['-nic', 'none'] : nics.flatMap(nicArguments)),
  ]
}

/** The name by which the monitor knows a card. */
export function nicName(index: number): string {
  return `nic${index}`
}

function nicArguments(nic: Nic, index: number): string[] {
  // A hub with a single port swallows what the guest sends: no DHCP server, no neighbours, but a carrier.
  const backend = nic.network === 'user' ? 'user' : `hubport,hubid=${index}`
  const mac = nic.mac === undefined ? '' : `,mac=${nic.mac}`
  // romfile=: the card needs no boot ROM, the kernel is loaded by QEMU.
  const model = nic.model ?? 'virtio-net-pci'
  return [
    ...['-netdev', `${backend},id=net${index}`],
    ...['-device', `${model},netdev=net${index},id=${nicName(index)}${mac},romfile=`],
  ]
}
