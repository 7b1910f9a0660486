/** The programs that /init starts, each with what it does to the machine. Whoever adds one to machine.ts adds it here. */
import { bytesOf } from './captured.ts'
import { FileError, type FileSystem } from './file-system.ts'
import { IpCommand } from './ip-command.ts'
import type { Outcome } from './outcome.ts'
import { Servers } from './servers.ts'
import type { Hardware } from './simulated-devices.ts'
import type { Answer, World } from './world.ts'

const done: Outcome = { status: 0 }
/** What a shell calls the end by KILL: 128 + 9. */
export const killed = 137

/** Whether a path is below where the disk is mounted. */
const isOnDisk = (path: string): boolean => path.startsWith('/run/aria2-initrd/cache/')

/** What kexec has loaded. */
export interface Loaded {
  kernel: Buffer
  initrd: Buffer | undefined
  commandLine: string
}

/** A sum of seconds to the millisecond: ten tenths are one. */
export const plus = (seconds: number, more: number): number => Math.round((seconds + more) * 1000) / 1000

export class Commands {
  readonly #files: FileSystem
  readonly #hardware: Hardware
  readonly #world: World
  readonly #servers: Servers
  readonly #ip: IpCommand
  /** Seconds since the kernel started. */
  now = 0
  loaded: Loaded | undefined
  #isDiskMounted = false
  /** What the clock says; it stands still. */
  #clock: string | undefined

  constructor(files: FileSystem, hardware: Hardware, world: World) {
    this.#files = files
    this.#hardware = hardware
    this.#ip = new IpCommand(hardware)
    this.#world = world
    this.#servers = new Servers(files, world.serve ?? {})
  }

  /** Starts a program with its words; `limit` is the seconds after which it is killed. */
  start(command: string, words: string[], limit = Number.POSITIVE_INFINITY): Outcome {
    const broken = this.#world.broken?.find(
      each => each.command === command && (each.with === undefined || words.includes(each.with)),
    )
    if (broken !== undefined && 'hangs' in broken) return this.#killed(command, limit)
    if (broken !== undefined) {
      return {
        status: broken.status,
        ...(broken.stderr === undefined ? {} : { stderr: `${broken.stderr}\n` }),
      }
    }
    const program = this.#world.programs?.[command]
    if (program !== undefined) return this.#answer(command, program, words, limit)
    switch (command) {
      case 'mount':
        return this.#mount(words)
      case 'modprobe':
        return this.#modprobe(words)
      case 'ip':
        return this.#ip.run(words, this.now)
      case 'udhcpc':
        return this.#udhcpc(words)
      case 'linkwatch':
        this.#hardware.watchDevices(this.now)
        return done
      case 'nd6watch':
        this.#hardware.watchIpv6()
        return done
      case 'udhcpc6':
        this.#hardware.startClient6(words[words.indexOf('-i') + 1] ?? '', words.includes('-l'), this.now)
        return done
      case 'nc':
        return this.#asks('server', 3, words.at(-2))
      case 'ping':
        return this.#asks('host', 1, words.at(-1))
      case 'arping':
        return this.#asks('gateway', 1)
      case 'nslookup':
        return this.#nslookup(words)
      case 'dmesg':
        return { status: 0, stdout: this.#world.kernelLog ?? '' }
      case 'aria2c':
        return this.#servers.fetch(words)
      case 'kexec':
        return this.#kexec(words)
      case 'date':
        return this.#date(words)
      case 'ntpd':
        this.#clock = this.#world.timeServers?.[words.at(-1) ?? ''] ?? this.#clock
        return { status: this.#world.timeServers?.[words.at(-1) ?? ''] === undefined ? 1 : 0 }
      case 'sleep':
        this.now = plus(this.now, Number(words[0]))
        return done
      case 'readlink':
        return { status: 0, stdout: this.#world.links?.[words.at(-1) ?? ''] ?? '' }
      case 'verity':
        return this.#verity(words)
      case 'findfs':
        return words[0] === this.#world.disk?.named ? { status: 0, stdout: '/dev/vda1\n' } : { status: 1 }
      case 'df':
        return this.#freeSpace(words.at(-1) ?? '')
      case 'chown':
      case 'cpio':
      case 'kill':
      case 'killall':
      case 'reporter':
      case 'setsid':
      case 'sync':
      case 'switch_root':
      case 'tar':
      case 'umount':
      case 'reboot':
      case 'poweroff':
      case 'halt':
        return done
      default:
        if (this.#world.otherPrograms !== undefined)
          return this.#answer(command, this.#world.otherPrograms, words, limit)
        throw new Error(
          `the simulator does not know the command '${command}': say in \`programs\` what it answers`,
        )
    }
  }

  /** df(1) of the disk's folder. */
  #freeSpace(folder: string): Outcome {
    const { kib = 1_048_576 } = this.#world.disk ?? {}
    const used = Math.ceil(this.#files.bytesBelow(folder) / 1024)
    const stdout = `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 ${kib} ${used} ${kib - used} 1% /\n`
    return { status: 0, stdout }
  }

  /** The device of a file that has a hash tree; whether that proves it is what `broken` says. */
  #verity([file = '', tree = '']: string[]): Outcome {
    if (this.#files.read(tree).includes('verity\0\0')) return { status: 0, stdout: '/dev/dm-0\n' }
    const name = file.slice(file.lastIndexOf('/') + 1)
    return { status: 1, stderr: `verity: ${tree}: no hash tree for ${name}\n` }
  }

  /** date(1): shows the clock in two ways, or sets it. */
  #date(words: string[]): Outcome {
    this.#clock ??= this.#world.clock ?? '2026-11-29T12:00:00Z'
    const seconds = words[words.indexOf('-s') + 1]?.replace('@', '') ?? ''
    if (words.includes('-s')) this.#clock = new Date(Number(seconds) * 1000).toISOString().replace('.000', '')
    else if (words.includes('+%s')) return { status: 0, stdout: `${Date.parse(this.#clock) / 1000}\n` }
    return { status: 0, stdout: words.includes('-s') ? '' : `${this.#clock}\n` }
  }

  #answer(
    command: string,
    program: Answer | ((words: string[]) => Answer),
    words: string[],
    limit: number,
  ): Outcome {
    const answer = typeof program === 'function' ? program(words) : program
    const { status = 0, stdout, stderr, seconds = 0, files = {} } = answer
    if (seconds > limit) return this.#killed(command, limit)
    this.now = plus(this.now, seconds)
    for (const [path, content] of Object.entries(files))
      this.#files.place(path, typeof content === 'string' ? bytesOf(content) : Buffer.from(content))
    return {
      status,
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
    }
  }

  /** The end of a program that would go on for ever. */
  #killed(command: string, limit: number): Outcome {
    if (!Number.isFinite(limit)) throw new Error(`${command} hangs, and nothing ends it`)
    this.now += limit
    return { status: killed }
  }

  /** What has changed on its own while a command ran. */
  refresh(): void {
    this.#hardware.refresh(this.now)
    if (!this.#files.isDirectory('/proc/sys')) return
    const memory = this.#memory
    const available = Math.max(0, memory - Math.ceil(this.#downloaded() / 1024))
    const seconds = Math.trunc(this.now)
    this.#files.write('/proc/uptime', bytesOf(`${seconds}.42 ${seconds}.00\n`))
    this.#files.write(
      '/proc/meminfo',
      bytesOf(`MemTotal:       ${memory} kB\nMemFree:        1 kB\nMemAvailable:   ${available} kB\n`),
    )
  }

  /** The machine's memory, in KiB. */
  get #memory(): number {
    return this.#world.memory ?? 2 * 1024 * 1024
  }

  #memoryMounts: string[] = []
  #downloaded(): number {
    return this.#memoryMounts.reduce((sum, at) => sum + this.#files.bytesBelow(at), 0)
  }

  #mount(words: string[]): Outcome {
    const type = words[words.indexOf('-t') + 1]
    const target = words.at(-1) ?? ''
    const [size = '', amount = '50', unit = '%'] = /size=(\d+)([%k])/.exec(words.join(' ')) ?? []
    const room = Math.trunc(Number(amount) * (unit === 'k' ? 1024 : (this.#memory * 1024) / 100))
    if (words.includes('bind') && this.#files.isFile(target)) {
      this.#files.place(target, this.#files.read(words.at(-2) ?? ''))
      return done
    }
    if (!this.#files.isDirectory(target)) {
      const stderr = `mount: mounting ${words.at(-2)} on ${target} failed: No such file or directory\n`
      return { status: 255, stderr }
    }
    if (size !== '' && words.some(word => word.startsWith('remount,')) && this.#memoryMounts.includes(target))
      this.#files.limitMemory(target, room)
    switch (type) {
      case 'proc':
        this.#appear('/proc', {
          '/proc/cmdline': `${this.#world.cmdline}\n`,
          '/proc/sys/kernel/hostname': '(none)\n',
        })
        this.#hardware.mountProc(this.now)
        break
      case 'sysfs':
        this.#hardware.mount(this.now)
        this.#appear('/sys', {})
        break
      case 'tmpfs': {
        this.#files.mountMemory(target, room)
        this.#memoryMounts.push(target)
        this.#appear(target, {})
        break
      }
      case 'ext4':
        this.#isDiskMounted = true
        this.#appear(target, {})
        break
    }
    return done
  }

  /** Files of a mounted file system: its own, and those that the test put there. */
  #appear(mountPoint: string, own: Record<string, string>): void {
    for (const [path, content] of Object.entries({ ...own, ...this.#world.files })) {
      const isHere = this.#isDiskMounted || !isOnDisk(path)
      if (path.startsWith(`${mountPoint}/`) && isHere)
        this.#files.place(path, typeof content === 'string' ? bytesOf(content) : Buffer.from(content))
    }
  }

  #modprobe(words: string[]): Outcome {
    const wanted = words.slice(words.indexOf('--') + 1)
    const file = '/etc/modprobe.d/blacklist.conf'
    const text = this.#files.isFile(file) ? this.#files.read(file).toString('latin1') : ''
    const excluded = [...text.matchAll(/^blacklist (\S+)$/gm)].map(([, name = '']) => name)
    return { status: this.#hardware.loadModules(wanted, excluded, this.now) ? 0 : 1 }
  }

  #udhcpc(words: string[]): Outcome {
    const name = words[words.indexOf('-i') + 1] ?? ''
    if (!this.#hardware.has(name, this.now))
      return { status: 1, stderr: 'udhcpc: ioctl 0x8933 failed: No such device\n' }
    const asked = words.filter((_, index) => words[index - 1] === '-O')
    this.#hardware.startClient(name, asked, this.now)
    return { status: 0, stderr: 'udhcpc: started, v1.37.0\n' }
  }

  /** A program that asks somebody who answers at once, or not within so many seconds. */
  #asks(who: 'server' | 'host' | 'gateway', seconds: number, host = '10.0.0.1'): Outcome {
    const isIpv6 = host.includes(':')
    if (!isIpv6 && this.#hardware.answers(who)) return done
    if ((isIpv6 || /[^0-9.]/.test(host)) && who !== 'gateway' && this.#hardware.answersIpv6(who, host))
      return done
    this.now = plus(this.now, seconds)
    return { status: 1 }
  }

  /** A name has an address of each family that the machine has a way to. */
  #nslookup([kind]: string[]): Outcome {
    const address = kind === '-type=aaaa' ? 'fd00::80' : '10.0.2.80'
    const outcome = this.#asks('host', 5, address)
    return outcome.status === 0 ? { ...outcome, stdout: `Name:\ts\nAddress: ${address}\n` } : outcome
  }

  /** Udhcpc gets a signal. */
  signalClient(signal: 'TERM' | 'USR1', name: string): void {
    if (signal === 'TERM') this.#hardware.stopClient(name)
    else this.#hardware.askAgain(name, this.now)
  }

  /** When something changes by itself. */
  nextChange = (): number | undefined => this.#hardware.nextChange(this.now)

  /** What has changed by itself up to now; the events that were announced. */
  settle = (): string[] => this.#hardware.settle(this.now)

  /** Why the kernel loads nothing, as kexec says it. */
  #kexecRefusal(isFileLoad: boolean): string | undefined {
    const { kexec } = this.#world
    const missing =
      'kexec_file_load failed: Function not implemented\nsyscall kexec_file_load not available.\n'
    if (kexec === 'no file load' && isFileLoad) return missing
    const error =
      typeof kexec === 'object' ? kexec.refuses : kexec === 'no load' ? 'Operation not permitted' : ''
    if (error === '') return undefined
    if (error.startsWith('Cannot ')) return `${error}\n`
    return isFileLoad
      ? `kexec_file_load failed: ${error}\n`
      : `kexec_load failed: ${error}\nentry       = 0x1 flags = 0x3e0000\nnr_segments = 1\n`
  }

  #kexec(words: string[]): Outcome {
    if (words.includes('-e')) {
      if (this.loaded === undefined || this.#world.kexec === 'no jump')
        return { status: 255, stderr: 'kexec failed: Invalid argument\n' }
      return done
    }
    const refusal = this.#kexecRefusal(words.includes('-s'))
    if (refusal !== undefined) return { status: 255, stderr: refusal }
    const option = (name: string) => words.find(word => word.startsWith(name))?.slice(name.length)
    const kernel = words[words.indexOf('-l') + 1] ?? ''
    const initrd = option('--initrd=')
    try {
      this.loaded = {
        kernel: this.#files.read(kernel),
        initrd: initrd === undefined ? undefined : this.#files.read(initrd),
        commandLine: option('--command-line=') ?? '',
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return { status: 255, stderr: `Cannot open \`${kernel}': ${error.message}\n` }
    }
    return done
  }
}
