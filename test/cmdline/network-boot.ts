import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { echoKernel } from './echo-kernel.ts'

/** The files of a boot server, and what the card's ROM asks for first. */
export interface BootServer {
  files: Record<string, string | Buffer>
  bootFile: string
  /** The file that holds the line, and how. */
  script: string
  scriptFor(text: string): string
}

/**
 * A machine that boots from its network again and again. Each time the boot loader brings another line to a kernel
 * that says what it got.
 */
export class NetworkBoot {
  readonly #folder = mkdtempSync(join(tmpdir(), 'network-boot-'))
  readonly #server: BootServer
  #machine: ChildProcess | undefined
  #output = ''
  #last: string | undefined
  #arrived: (line: string) => void = () => {}

  constructor(server: BootServer) {
    this.#server = server
    for (const [name, content] of Object.entries(server.files)) this.#write(name, content)
    this.#write('vmlinuz', echoKernel())
  }

  #write(name: string, content: string | Buffer): void {
    const path = join(this.#folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, content)
    renameSync(`${path}.new`, path)
  }

  #start(): ChildProcess {
    const network = `user,id=net,restrict=on,tftp=${this.#folder},bootfile=${this.#server.bootFile}`
    const machine = spawn(
      'qemu-system-x86_64',
      [
        ...['-accel', 'tcg', '-m', '64', '-display', 'none', '-monitor', 'none', '-serial', 'none'],
        ...['-machine', 'graphics=off', '-boot', 'n', '-debugcon', 'stdio'],
        ...['-netdev', network, '-device', 'virtio-net-pci,netdev=net'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    machine.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      const lines = (this.#output + chunk).split('\n')
      this.#output = lines.pop() ?? ''
      for (const line of lines) this.#arrived(line)
    })
    return machine
  }

  /** What the kernel gets; two calls after each other must not have the same answer. */
  async kernelLine(text: string): Promise<string> {
    this.#write(this.#server.script, this.#server.scriptFor(text))
    this.#machine ??= this.#start()
    const machine = this.#machine
    const line = await new Promise<string>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`nothing was booted: ${text}`)), 90_000)
      machine.once('exit', () => reject(new Error('QEMU has ended')))
      this.#arrived = arrived => {
        // The machine may have read the script before this one was written.
        if (arrived === this.#last) return
        clearTimeout(limit)
        resolve(arrived)
      }
    })
    this.#last = line
    return line
  }

  stop(): void {
    this.#machine?.removeAllListeners('exit').kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
