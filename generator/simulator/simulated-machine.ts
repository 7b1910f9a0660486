/**
 * machine.ts on a simulated machine: as strict as the shell functions and commands that stand for it in /init
 * (compiler/machine-table.ts, shell-templates/helpers).
 */
import { createHash } from 'node:crypto'
import type { Parameter } from '../compiler/declared-parameters.ts'
import { parametersWithout } from '../compiler/parts/parameters-without.ts'
import type { BootEventKind } from '../stages/api/boot-event.ts'
import type { List, Machine } from '../stages/api/machine.ts'
import { leftOutByDefault, type PartName } from '../stages/api/parts.ts'
import { programLimits } from '../stages/api/program-limits.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'
import { Background } from './background-jobs.ts'
import { declaredParameters } from './boot-program.ts'
import { bytesOf, captured, listed, textOf } from './captured.ts'
import { Commands, killed, plus } from './commands.ts'
import { type Change, FileError, FileSystem } from './file-system.ts'
import { defaultValues, takeParameter } from './kernel-parameters.ts'
import { Ended, Failed, type Outcome } from './outcome.ts'
import { shown } from './shown.ts'
import { Hardware } from './simulated-devices.ts'
import { isWhole, unpacked } from './unpacked.ts'
import type { World } from './world.ts'

/** A command that /init started. */
export interface Call {
  words: string[]
  outcome: Outcome
  /** What it did to the files. */
  changes: Change[]
}

/** Directories of the initramfs (rootfs-skel/manifest.json). */
const directories = ['bin', 'dev', 'etc', 'lib', 'proc', 'root', 'run', 'sbin', 'sys', 'tmp', 'usr', 'var']

const sortedLines = (lines: string[]): string[] => lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/** The program that other programs run at their end: the other user is left out. */
export function programIn(words: string[]): string[] {
  const runners: Record<string, number> = { setpriv: 2, setuidgid: 2 }
  const own = runners[words[0] ?? '']
  return own === undefined ? words : programIn(words.slice(own))
}

export class SimulatedMachine implements Machine {
  readonly files = new FileSystem()
  readonly commands: Commands
  readonly calls: Call[] = []
  /** The stages that a rescue shell was opened in. */
  readonly shells: string[] = []
  console = ''
  stage = 'start'
  /** Values that their parameters do not take, as the console says it. */
  readonly ignored: string[] = []
  /** Why stages ended, also where the boot went on. */
  readonly failures: string[] = []
  isTracing = false
  /** What the boot waits for before it ends: seconds, or a person in a shell. */
  #before: string | undefined
  readonly #until: number
  readonly #chance: number
  readonly #without: readonly PartName[]
  readonly declared: Parameter[]
  readonly #background: Background
  readonly #hardware: Hardware
  /** What the console held when a started command last took its deeds down. */
  #told = 0

  /** @param declared the kernel parameters that /init knows */
  constructor(world: World, declared: Parameter[] = declaredParameters()) {
    this.#without = world.without ?? leftOutByDefault
    this.declared = parametersWithout(declared, this.#without)
    for (const name of directories) this.files.makeDirectory(`/${name}`)
    for (const [path, content] of Object.entries(world.files ?? {})) {
      if (!/^\/(proc|sys|run)\//.test(path))
        this.files.place(path, typeof content === 'string' ? bytesOf(content) : Buffer.from(content))
    }
    this.#hardware = new Hardware(this.files, world.network ?? [{ name: 'eth0' }])
    this.commands = new Commands(this.files, this.#hardware, world)
    this.#until = world.until ?? 3600
    this.#chance = world.chance ?? 1
    this.#background = new Background(this.files)
    this.files.takeChanges()
  }

  // ---- commands

  /**
   * Starts a program that ends after `seconds` at the latest; its output goes to the console, or to the end of a file.
   */
  #start(
    words: string[],
    {
      seconds,
      logFile,
      isNewFile = false,
      isCaptured = false,
    }: { seconds?: number; logFile?: string; isNewFile?: boolean; isCaptured?: boolean } = {},
  ): Outcome {
    if (this.calls.length > 20_000) throw new Error('the boot goes round and round: 20,000 commands')
    if (logFile !== undefined) {
      this.#redirected(() =>
        isNewFile ? this.files.write(logFile, bytesOf('')) : this.#appendTo(logFile, ''),
      )
    }
    if (this.#background.isRunning) this.#note()
    this.files.takeChanges()
    const [command = '', ...rest] = programIn(words)
    const outcome = this.commands.start(command, rest, seconds)
    this.#refresh()
    const isBeside = this.#background.isRunning
    this.calls.push({ words, outcome, changes: isBeside ? [] : this.files.takeChanges() })
    const output = `${isCaptured ? '' : (outcome.stdout ?? '')}${outcome.stderr ?? ''}`
    if (logFile === undefined) this.console += output
    else this.#appendTo(logFile, output)
    this.#settle()
    this.#endInTime()
    if (words[0] !== 'sync') this.#before = undefined
    return outcome
  }

  /** A started command has come to a time of its own, or the boot to one. */
  #note(events: string[] = []): void {
    this.#background.note(this.commands.now, this.console.slice(this.#told), events)
    this.#told = this.console.length
  }

  #settle(): void {
    if (this.#background.isRunning) this.#note()
    else {
      this.#background.settle(this.commands.now, text => {
        this.console += text
      })
    }
  }

  /** What has changed on its own, and the events that were announced. */
  #refresh(): void {
    this.commands.refresh()
    const events = this.commands.settle()
    this.commands.refresh()
    this.#background.events?.push(...events)
  }

  /** The boot waits for something that the machine does by itself. */
  #waitUntil(time: number): void {
    this.commands.now = Math.max(this.commands.now, time)
    this.#refresh()
    this.#settle()
    this.#endInTime()
  }

  /** Somebody may switch the machine off. */
  #endInTime(): void {
    if (this.commands.now >= this.#until) throw new Ended(`switched off after ${this.#until} s`)
  }

  #run(words: string[]): void {
    const { status } = this.#start(words)
    if (status !== 0) throw new Failed(status)
  }

  /** A program with a limit; where it strikes, the console says so. */
  #limited(name: keyof typeof programLimits, words: string[]): number {
    const seconds = programLimits[name]
    const { status } = this.#start([name, ...words], { seconds })
    if (status === killed) this.log(`${name} killed after ${seconds} s`)
    return status
  }

  #runLimited(name: keyof typeof programLimits, words: string[]): void {
    const status = this.#limited(name, words)
    if (status !== 0) throw new Failed(status)
  }

  #appendTo(path: string, text: string): void {
    const present = this.files.isFile(path) ? this.files.read(path) : Buffer.alloc(0)
    this.files.write(path, Buffer.concat([present, bytesOf(text)]))
  }

  /** What the shell itself opens for a command; it says so when it cannot. */
  #redirected(act: () => void): void {
    this.#orFail(1, reason => `/init: cannot open: ${reason}`, act)
  }

  #orFail<T>(status: number, message: (reason: string) => string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.console += `${message(error.message)}\n`
      throw new Failed(status)
    }
  }

  // ---- console and flow

  setStage = (name: string): void => {
    this.stage = name
  }

  log = (message: string): void => this.#say('says', message)

  #say(kind: BootEventKind, message: string): void {
    bytesOf(message)
    this.console += `aria2-initrd: ${this.stage}: ${shown(message)}\n`
    this.#before = undefined
    this.record(kind, message)
  }

  record = (kind: BootEventKind, text: string): void => {
    if (this.#without.includes('reports') || !this.files.isDirectory('/run/aria2-initrd')) return
    const uptime = this.files.isFile('/proc/uptime') ? textOf(this.files.read('/proc/uptime')) : '0'
    const line = `${uptime.replace(/[ \n].*/s, '')} ${this.stage} ${kind} ${shown(text).slice(0, 4096)}\n`
    try {
      this.#appendTo('/run/aria2-initrd/timeline', line)
    } catch (error) {
      // No room: nobody is told.
      if (!(error instanceof FileError)) throw error
    }
  }

  startReporter = (...words: string[]): void => this.#run(['reporter', 'start', ...words])
  flushReports = (seconds: string): void => {
    const { status } = this.#start(['reporter', 'flush'], { seconds: Number(seconds) })
    if (status !== 0) throw new Failed(status)
  }

  fail = (message: string): never => {
    this.failures.push(shown(message))
    this.#say('failed', message)
    throw new Failed(1)
  }

  traceCommands = (): void => {
    this.isTracing = true
  }

  // ---- the command line

  defaultParameters = (): Parameters => defaultValues(this.declared)

  setParameter = (parameters: Parameters, name: string, value: string): void => {
    const refusal = takeParameter(this.declared, parameters, name, value)
    if (refusal !== undefined) this.#ignore(refusal)
  }

  setFlag = (parameters: Parameters, name: string): void => {
    const refusal = takeParameter(this.declared, parameters, name, undefined)
    if (refusal !== undefined) this.#ignore(refusal)
  }

  #ignore(message: string): void {
    this.ignored.push(shown(message))
    this.log(message)
  }

  // ---- text

  asDecimal = (count: number): string =>
    `${Math.trunc(count / 1000)}.${String(count % 1000).padStart(3, '0')}`

  wholeNumber = (text: string): number =>
    /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : this.fail(`'${text}' is not a whole number`)

  hexNumber = (digits: string): number => Number.parseInt(digits, 16)

  lowerCase = (text: string): string => captured(text.replace(/[A-Z]/g, letter => letter.toLowerCase()))

  decodeBase64Url = (text: string): string => {
    const digits = text.replace(/=.*$/s, '')
    if (/[^A-Za-z0-9_-]/.test(digits)) return this.fail('not valid base64url')
    if (digits.length % 4 === 1) return this.fail('not valid base64url: truncated')
    return captured(textOf(Buffer.from(digits, 'base64url')))
  }

  // ---- files

  exists = (path: string): boolean => this.files.exists(path)
  hasContent = (path: string): boolean =>
    this.files.isDirectory(path) || (this.files.isFile(path) && this.files.read(path).length > 0)
  isDirectory = (path: string): boolean => this.files.isDirectory(path)

  fileHasLine = (path: string, line: string): boolean => {
    if (!this.files.isFile(path)) return false
    const text = textOf(this.files.read(path))
    const present = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
    return text !== '' && line.split('\n').some(wanted => present.includes(wanted))
  }

  readFile = (path: string): string => {
    if (this.files.isDirectory(path)) {
      this.console += 'cat: read error: Is a directory\n'
      throw new Failed(1)
    }
    return captured(
      this.#orFail(
        1,
        reason => `cat: can't open '${path}': ${reason}`,
        () => textOf(this.files.read(path)),
      ),
    )
  }

  writeFile = (path: string, text: string): void => {
    const parent = /^\/sys\/class\/net\/([^/]+)\/create_child$/.exec(path)?.[1]
    // The kernel makes a partition of InfiniBand of it.
    if (parent !== undefined) {
      this.#hardware.addLink(`${parent}.${text.slice(2)}`, parent, false, 0)
      this.#refresh()
    } else this.#redirected(() => this.files.write(path, bytesOf(`${text}\n`)))
  }

  append = (source: string, target: string): void => {
    this.#redirected(() => this.#appendTo(target, ''))
    const bytes = this.#orFail(
      1,
      reason => `cat: can't open '${source}': ${reason}`,
      () => this.files.read(source),
    )
    this.#orFail(
      1,
      () => 'cat: write error: No space left on device',
      () => this.#appendTo(target, textOf(bytes)),
    )
  }

  padToWords = (path: string): void => {
    const missing = (4 - (this.sizeOf(path) % 4)) % 4
    this.#redirected(() => this.#appendTo(path, '\0'.repeat(missing)))
  }

  newcHeader = (name: string, mode: number, bytes: number, archive: string): void => {
    const numbers = [0, mode, 0, 0, 1, 0, bytes, 0, 0, 0, 0, name.length + 1, 0]
    const fields = numbers.map(number => number.toString(16).toUpperCase().padStart(8, '0'))
    this.#redirected(() => this.#appendTo(archive, `070701${fields.join('')}${name}\0`))
    this.padToWords(archive)
  }

  remove = (path: string): void => {
    this.files.remove(path)
  }

  makeDirectory = (path: string): void =>
    this.#orFail(
      1,
      reason => `mkdir: can't create directory '${path}': ${reason}`,
      () => this.files.makeDirectory(path),
    )

  lastLineWith = (path: string, text: string): string => {
    if (!this.files.isFile(path)) {
      this.console += `tail: can't open '${path}': No such file or directory\n`
      return ''
    }
    const end = textOf(this.files.read(path)).slice(-65_536).replace(/\n$/, '')
    const wanted = text.split('\n')
    const found = end.split('\n').filter(line => wanted.some(part => line.includes(part)))
    return captured((found.at(-1) ?? '').replace(/[^ -~]/g, '?'))
  }

  attribute = (path: string): string =>
    this.files.isFile(path) ? captured(textOf(this.files.read(path)).replace(/\n.*/s, '')) : ''

  /** Modes are not simulated. */
  chmod = (_mode: string, path: string): void => {
    if (this.files.exists(path)) return
    this.console += `chmod: ${path}: No such file or directory\n`
    throw new Failed(1)
  }

  chown = (owner: string, path: string): void => this.#run(['chown', owner, path])

  copyFolder = (source: string, target: string): void =>
    this.#orFail(
      1,
      reason => `cp: can't stat '${source}': ${reason}`,
      () => this.files.copy(source, target),
    )

  move = (source: string, target: string): void =>
    this.#orFail(
      1,
      reason => `mv: can't rename '${source}': ${reason}`,
      () => this.files.rename(source, target),
    )

  areSame = (first: string, second: string): boolean =>
    this.files.isFile(first) &&
    this.files.isFile(second) &&
    this.files.read(first).equals(this.files.read(second))

  torrentName = (torrent: string): string => {
    if (!this.files.isFile(torrent)) return ''
    const text = textOf(this.files.read(torrent))
    return captured(/4:name\d*:([A-Za-z0-9_][A-Za-z0-9._-]*)12:piece length/.exec(text)?.[1] ?? '')
  }

  freeKib = (folder: string): number => {
    const { stdout = '' } = this.#start(['df', '-Pk', '--', folder], { isCaptured: true })
    return Number(stdout.split('\n')[1]?.split(/ +/)[3] ?? 0)
  }

  unmount = (folder: string): void => this.#run(['umount', folder])

  deviceWith = (tag: string): string => {
    const { stdout = '' } = this.#start(['findfs', tag], { seconds: 5, isCaptured: true })
    return captured(stdout)
  }

  giveFiles = (owner: string, folder: string): void => this.#run(['chown', '-R', owner, folder])

  takeOver = (source: string, target: string): void => {
    this.#orFail(
      1,
      reason => `mv: can't rename '${source}': ${reason}`,
      () => this.files.rename(source, target),
    )
    const hasControl = (path: string) =>
      [...path.slice(path.lastIndexOf('/') + 1)].some(c => c < ' ' || c === '\x7f')
    const odd = this.files.entries(target, 'all').filter(hasControl)
    if (odd.length > 0)
      this.log(`${target}: removed files with control characters in their names, or not regular`)
    for (const name of odd) this.files.remove(`${target}/${name}`)
    this.#run(['chown', '-R', 'root:root', target])
  }

  namesIn = (directory: string): List => {
    if (!this.files.isDirectory(directory)) return listed([])
    // In the order of the shell's patterns.
    const group = (name: string): number => [/^[^.]/, /^\.[^.]/, /^/].findIndex(each => each.test(name))
    const names = sortedLines(this.files.entries(directory)).sort((a, b) => group(a) - group(b))
    return listed(names.flatMap(name => name.split('\n')))
  }

  filesUnder = (directory: string): List => {
    if (directory.includes('\n')) return listed([])
    if (this.files.isFile(directory)) return listed([directory])
    if (!this.files.exists(directory)) {
      this.console += `find: ${directory}: No such file or directory\n`
      return listed([])
    }
    const base = directory.endsWith('/') ? directory : `${directory}/`
    const paths = this.files
      .entries(directory, 'all')
      .map(name => `${base}${name}`)
      .filter(path => !path.includes('\n') && this.files.isFile(path))
    return listed(sortedLines(paths))
  }

  sizeOf = (path: string): number =>
    this.files.isDirectory(path)
      ? 4096
      : this.#orFail(
          1,
          reason => `stat: can't stat '${path}': ${reason}`,
          () => this.files.read(path).length,
        )

  kibUnder = (directory: string): number =>
    listed(this.files.isDirectory(directory) ? this.files.entries(directory, 'all') : [])
      .split('\n')
      .map(name => `${directory}/${name}`)
      .filter(path => this.files.isFile(path))
      .reduce((sum, path) => sum + Math.ceil(this.files.read(path).length / 1024), 0)

  hexAt = (path: string, offset: number, count: number): string => {
    if (!this.files.exists(path)) throw new Failed(1)
    if (this.files.isDirectory(path)) return ''
    return this.files
      .read(path)
      .subarray(offset, offset + count)
      .toString('hex')
  }

  hexInside = (program: string, path: string, offset: number, count: number): string =>
    this.files.isFile(path)
      ? unpacked(program, this.files.read(path))
          .subarray(offset, offset + count)
          .toString('hex')
      : ''

  unpackFile = (program: string, source: string, target: string): void => {
    this.#redirected(() => {
      const bytes = unpacked(program, this.files.read(source))
      this.files.write(target, bytes)
      if (bytes.length === 0) throw new Failed(1)
    })
  }

  unpackArchive = (program: string, source: string, archiver: string, _folder: string): void => {
    const whole = isWhole(program, this.files.read(source))
    const { status } = this.#start(
      archiver === 'tar' ? ['tar', '-x', '-f', '-'] : ['cpio', '-i', '-d', '-m', '-u'],
    )
    if (!whole) this.files.write('/run/aria2-initrd/damaged', Buffer.alloc(0))
    if (status !== 0 || !whole) throw new Failed(1)
  }

  linkTarget = (path: string): string =>
    captured(this.#start(['readlink', '--', path], { isCaptured: true }).stdout ?? '')

  cutOut = (source: string, offset: number, count: number, target: string): void =>
    this.#redirected(() => {
      const bytes = this.files.read(source).subarray(offset, offset + count)
      this.files.write(target, Buffer.from(bytes))
    })

  #digest(path: string, kind: 'sha256' | 'sha512'): string {
    if (this.files.isDirectory(path)) {
      this.console += `${kind}sum: read error: Is a directory\n`
      throw new Failed(1)
    }
    let bytes = Buffer.alloc(0)
    this.#redirected(() => {
      bytes = Buffer.from(this.files.read(path))
    })
    return createHash(kind).update(bytes).digest('hex')
  }

  sha256sum = (path: string): string => this.#digest(path, 'sha256')
  sha512sum = (path: string): string => this.#digest(path, 'sha512')

  // ---- the system

  randomBelow = (limit: number): number => Math.trunc(this.#chance * (limit - 1))

  uptime = (): number =>
    this.files.isFile('/proc/uptime') ? Math.trunc(Number.parseFloat(this.readFile('/proc/uptime'))) : 0

  sleep = (seconds: number): void => {
    this.#start(['sleep', String(seconds)])
    this.#before = `after ${seconds} s`
  }

  modaliases = (): List => {
    if (!this.files.isDirectory('/sys/bus')) return listed([])
    const lines = this.files
      .entries('/sys/bus', 'all')
      .filter(path => /^[^/]+\/devices\/[^/]+\/modalias$/.test(path))
      .flatMap(path =>
        textOf(this.files.read(`/sys/bus/${path}`))
          .replace(/\n$/, '')
          .split('\n'),
      )
    return listed(sortedLines([...new Set(lines)]))
  }

  interfaceFolders = (): List => {
    if (!this.files.isDirectory('/sys/devices')) return listed([])
    const paths = this.files.entries('/sys/devices', 'all').map(path => `/sys/devices/${path}`)
    return listed(
      sortedLines(paths.filter(path => /\/net\/[^/]*$/.test(path) && !/\/net\/.*\/net\//.test(path))),
    )
  }

  run = (program: string, ...words: string[]): void => this.#run([program, ...words])
  statusOf = (program: string, ...words: string[]): number => this.#start([program, ...words]).status
  outputOf = (program: string, ...words: string[]): string => {
    const { status, stdout = '' } = this.#start([program, ...words], { isCaptured: true })
    if (status !== 0) throw new Failed(status)
    return captured(stdout)
  }

  // ---- commands that go on while the boot does

  start = (call: () => void): number => {
    const { now } = this.commands
    const { console } = this
    this.#told = console.length
    try {
      return this.#background.add(() => {
        let status = 0
        try {
          call()
        } catch (error) {
          if (!(error instanceof Failed)) throw error
          status = error.status
        }
        this.#note()
        return { status, endsAt: this.commands.now }
      })
    } finally {
      this.commands.now = now
      this.console = console
      this.commands.refresh()
      this.#settle()
    }
  }

  waitFor = (job: number): number => {
    const { status, endsAt } = this.#background.endOf(job)
    this.#waitUntil(endsAt)
    return status
  }

  stop = (job: number): void => this.#background.stop(job, this.commands.now)

  openEvents = (): void => {
    if (this.#background.events !== undefined) {
      this.console += 'mknod: /run/aria2-initrd/events: File exists\n'
      throw new Failed(1)
    }
    this.#background.events = []
    this.files.place('/run/aria2-initrd/events', Buffer.alloc(0))
  }

  announce = (event: string): void => {
    if (this.#background.events === undefined) throw new Failed(1)
    if (this.#background.isRunning) this.#note(event.split('\n'))
    else this.#background.events.push(...event.split('\n'))
  }

  nextEvent = (seconds: number): string => {
    const { events } = this.#background
    if (events === undefined) return ''
    const words = ['sh', '-c', 'IFS= read -r event && printf "%s\\n" "$event"']
    this.files.takeChanges()
    const latest = plus(this.commands.now, seconds)
    while (events.length === 0 && this.commands.now < latest) {
      const times = [latest, this.#background.nextEventAt() ?? latest, this.commands.nextChange() ?? latest]
      this.#waitUntil(Math.min(...times))
    }
    const event = events.shift()
    const outcome = event === undefined ? { status: killed } : { status: 0, stdout: `${event}\n` }
    this.calls.push({ words, outcome, changes: this.files.takeChanges() })
    return event ?? ''
  }

  mount = (...words: string[]): void => this.#run(['mount', ...words])
  modprobe = (...words: string[]): void => this.#runLimited('modprobe', words)
  ip = (...words: string[]): void => this.#runLimited('ip', words)
  udhcpc = (...words: string[]): number =>
    this.#start(['udhcpc', '-b', '-t', '0', '-A', '3', '-a100', ...words], {
      seconds: 10,
      logFile: '/run/aria2-initrd/udhcpc.log',
    }).status
  watchDevices = (): void => this.#run(['linkwatch', '/run/aria2-initrd/events'])
  watchIpv6 = (): number =>
    this.#start(['nd6watch', '/usr/share/udhcpc/ipv6.script'], {
      seconds: 10,
      logFile: '/run/aria2-initrd/ipv6.log',
    }).status
  udhcpc6 = (...words: string[]): number =>
    this.#start(['udhcpc6', '-b', '-t', '0', ...words], {
      seconds: 10,
      logFile: '/run/aria2-initrd/ipv6.log',
    }).status
  stopUdhcpc = (name: string): void => this.commands.signalClient('TERM', name)
  renewLease = (name: string): void => this.commands.signalClient('USR1', name)
  #asks = (...words: string[]): boolean => this.#start(words, { seconds: 5 }).status === 0
  answersTcp = (host: string, port: string): boolean => this.#asks('nc', '-z', '-w', '3', '--', host, port)
  answersPing = (host: string): boolean => this.#asks('ping', '-q', '-c', '1', '-W', '1', '--', host)
  answersArp = (name: string, address: string): boolean =>
    this.#asks('arping', '-q', '-f', '-w', '1', '-I', name, '--', address)
  addressesOfName = (kind: string, name: string): List => {
    const { stdout = '' } = this.#start(['nslookup', `-type=${kind}`, name], { seconds: 5, isCaptured: true })
    return captured(
      [...stdout.matchAll(/^Address: (.*)$/gm)].map(([, address]) => address).join('\n'),
    ) as List
  }
  kernelLogLine = (first: string, second: string): string => {
    const { stdout = '' } = this.#start(['dmesg'], { isCaptured: true })
    const found = stdout
      .split('\n')
      .filter(line => line.includes(first) && line.toLowerCase().includes(second.toLowerCase()))
    return captured((found.at(-1) ?? '').replace(/[^ -~]/g, '?'))
  }
  setClock = (time: string): void => this.#run(['date', '-u', '-s', time])
  ntpd = (server: string): void => {
    const { status } = this.#start(['ntpd', '-n', '-q', '-p', server], { seconds: 5 })
    if (status !== 0) throw new Failed(status)
  }
  setHostname = (name: string): void => this.writeFile('/proc/sys/kernel/hostname', name)

  aria2c = (seconds: number, ...words: string[]): number => {
    const run = ['setpriv', '--nnp', 'setuidgid', 'aria2', 'aria2c', ...words]
    const { status } = this.#start(run, { seconds })
    this.#start(['setuidgid', 'aria2', 'kill', '-9', '-1'])
    return status
  }

  recordedAria2c = (seconds: number, ...words: string[]): number => {
    const told = this.console.length
    const status = this.aria2c(seconds, ...words)
    for (const line of this.console.slice(told).split('\n').slice(0, -1))
      this.record('progress', line.replace(/^aria2-initrd: download: /, ''))
    return status
  }

  cmsVerify = (...words: string[]): number =>
    this.#start(['setpriv', '--nnp', 'setuidgid', 'aria2', 'cms-verify', ...words], {
      seconds: 30,
      logFile: '/run/aria2-initrd/signers',
      isNewFile: true,
    }).status

  kexecLoad = (...words: string[]): number => {
    const logFile = '/run/aria2-initrd/kexec.log'
    this.files.remove(logFile)
    const { status } = this.#start(['kexec', ...words], { seconds: programLimits.kexec, logFile })
    if (status === killed) {
      const text = `kexec killed after ${programLimits.kexec} s`
      this.#appendTo(logFile, `aria2-initrd: ${this.stage}: ${text}\n`)
      this.record('says', text)
    }
    return status
  }

  kexec = (...words: string[]): void => {
    this.#runLimited('kexec', words)
    if (words.includes('-e')) throw new Ended('kexec')
  }

  openVerity = (file: string, tree: string, rootHash: string): number =>
    this.#start(['verity', file, tree, rootHash], { logFile: '/run/aria2-initrd/verity', isNewFile: true })
      .status

  stopPrograms = (...names: string[]): void => this.#run(['killall', '-q', ...names])

  switchRoot = (root: string, program: string): never => {
    this.#start(['switch_root', '-c', '/dev/console', root, program])
    throw new Ended('switch_root')
  }

  rescueShell = (): void => {
    this.#start(['setsid', 'cttyhack', 'sh'])
    this.shells.push(this.stage)
    this.#before = 'shell'
  }

  end = (action: string): never => {
    this.#start(['sync'])
    return this.#off(action)
  }

  #off(action: string): never {
    const before = this.#before
    this.#start([action, '-n', '-f'])
    throw new Ended(before === 'shell' ? 'shell' : before === undefined ? action : `${action} ${before}`)
  }

  /** The trap on EXIT: what follows when /init itself ends. */
  onExit(status: number): never {
    this.log(`/init ended with status ${status}; reboot in 30 s`)
    this.sleep(30)
    return this.#off('reboot')
  }
}
