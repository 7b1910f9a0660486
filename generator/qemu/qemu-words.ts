import { kvmUsable } from './accelerator.ts'

/** One network card of the machine. */
export interface Nic {
  /**
   * `user`: QEMU's own network with DHCP, the host's loopback is 10.0.2.2. `silent`: a cable with nobody at its end.
   * `nowhere`: DHCP, and no way to this machine. Or a tap interface of this machine, which is there already; or a cable
   * to another machine, between two sockets that are named by their paths.
   */
  network: 'user' | 'silent' | 'nowhere' | { tap: string } | { local: string; remote: string }
  /** Default virtio-net-pci. */
  model?: string
  mac?: string
  /** `down`: no carrier from power-on on. */
  link?: 'up' | 'down'
}

export interface MachineOptions {
  /** Without one the machine boots over the network, by its cards' own ROM (iPXE), again and again until that works. */
  kernel?: string
  initrd?: string
  /** The kernel's command line; `machineParameters` come before it. */
  append?: string
  /**
   * UEFI firmware instead of a BIOS: OVMF's code, and a copy of its variables, which it writes. Over the network it
   * boots by itself, the cards then have no ROM.
   */
  uefi?: { code: string; variables: string }
  /** MiB, default 1024; or those of each NUMA node, the first of which has the processor. */
  memory?: number | number[]
  /** Default: one on the user network. */
  nics?: Nic[]
  /** Raw images: virtio disks, /dev/vda first. */
  disks?: string[]
  /** Further devices in QEMU's words, such as `qemu-xhci,id=usb`; they come before the cards. */
  devices?: string[]
  /** What the clock says at power-on, in UTC: `1970-01-02T00:00:00`; default this machine's. */
  clock?: string
  /** Default: KVM where it works, else emulation. */
  kvm?: boolean
  /**
   * Emulated, with a clock that counts instructions, one a nanosecond: how long something takes for the guest does not
   * depend on what else this machine does.
   */
  counted?: boolean
  /** A file for the packets of the first card, as pcap with the machine's own clock. */
  packets?: string
  /** Memory that the host counts apart, as RssShmem of the process (proc_pid_status(5)). */
  sharedMemory?: boolean
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
  const { kernel, uefi, memory = 1024, nics = [{ network: 'user' }], disks = [], devices = [] } = options
  const hasRom = kernel === undefined && uefi === undefined
  return [
    ...(options.counted === true
      ? ['-accel', 'tcg', '-icount', 'shift=0']
      : ['-accel', (options.kvm ?? kvmUsable()) ? 'kvm' : 'tcg']),
    ...memoryArguments(memory),
    ...(options.sharedMemory === true && typeof memory === 'number'
      ? ['-object', `memory-backend-memfd,id=ram,size=${memory}M`, '-machine', 'memory-backend=ram']
      : []),
    ...(options.clock === undefined ? [] : ['-rtc', `base=${options.clock}`]),
    ...(uefi === undefined
      ? []
      : [...flash(uefi.code, 'readonly=on'), ...flash(uefi.variables, 'readonly=off')]),
    ...(kernel === undefined ? networkBootArguments : kernelArguments(kernel, options)),
    ...disks.flatMap(file => ['-drive', `if=virtio,format=raw,file=${file.replaceAll(',', ',,')}`]),
    ...devices.flatMap(device => ['-device', device]),
    ...(nics.length === 0
      ? ['-nic', 'none']
      : nics.flatMap((nic, index) => nicArguments(nic, index, hasRom))),
    ...(options.packets === undefined
      ? []
      : ['-object', `filter-dump,id=packets,netdev=net0,file=${options.packets}`]),
  ]
}

function memoryArguments(memory: number | number[]): string[] {
  if (typeof memory === 'number') return ['-m', String(memory)]
  const total = memory.reduce((sum, node) => sum + node, 0)
  const nodes = memory.flatMap((size, index) => [
    ...['-object', `memory-backend-ram,id=memory${index},size=${size}M`],
    ...['-numa', `node,memdev=memory${index}`],
  ])
  return ['-m', String(total), ...nodes]
}

/** A reboot is an end. */
function kernelArguments(kernel: string, { initrd, append = '' }: MachineOptions): string[] {
  return [
    '-no-reboot',
    ...['-kernel', kernel],
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...['-append', `${machineParameters} ${append}`.trim()],
  ]
}

/** Without graphics the firmware's screen, and with it the ROM's, is the serial line. */
const networkBootArguments = ['-boot', 'n,reboot-timeout=2000', '-machine', 'graphics=off']

function flash(file: string, access: string): string[] {
  // A comma in a value is written twice.
  return ['-drive', `if=pflash,format=raw,${access},file=${file.replaceAll(',', ',,')}`]
}

/** The name by which the monitor knows a card. */
export function nicName(index: number): string {
  return `nic${index}`
}

function nicArguments(nic: Nic, index: number, hasRom: boolean): string[] {
  const mac = nic.mac === undefined ? '' : `,mac=${nic.mac}`
  const model = nic.model ?? 'virtio-net-pci'
  const rom = hasRom || model.startsWith('usb-') ? '' : ',romfile='
  return [
    ...['-netdev', `${backend(nic, index)},id=net${index}`],
    ...['-device', `${model},netdev=net${index},id=${nicName(index)}${mac}${rom}`],
  ]
}

function backend({ network }: Nic, index: number): string {
  if (network === 'user') return 'user'
  if (network === 'nowhere') return 'user,net=10.66.0.0/24,restrict=on'
  // A hub with a single port swallows what the guest sends: no DHCP server, no neighbours, but a carrier.
  if (network === 'silent') return `hubport,hubid=${index}`
  if ('tap' in network) return `tap,ifname=${network.tap},script=no,downscript=no`
  const { local, remote } = network
  return `dgram,local.type=unix,local.path=${local},remote.type=unix,remote.path=${remote}`
}
