import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { provideQemu } from '../qemu/qemu.ts'
import { machineArguments } from '../qemu/qemu-words.ts'

interface BootOptions {
  output: string
  append?: string
  memory: number
  kernel?: string
  initrd?: string
  kvm: boolean
}

/** `boot`: the image in a virtual machine, its console on this terminal. */
export function registerBoot(program: Command): void {
  program
    .command('boot')
    .description('boot the image in QEMU, with its console on this terminal')
    .option('-o, --output <dir>', 'the folder that build wrote', 'output')
    .option('--append <parameters>', 'kernel parameters; this machine is 10.0.2.2 from inside')
    .option('--memory <MiB>', "the machine's memory", memorySize, 1024)
    .option('--kernel <file>', 'another kernel than vmlinuz in the folder')
    .option('--initrd <file>', 'another initrd than initrd.img in the folder')
    .option('--no-kvm', 'emulate, also where KVM works')
    .action(boot)
}

async function boot(options: BootOptions): Promise<void> {
  const kernel = options.kernel ?? join(options.output, 'vmlinuz')
  const initrd = options.initrd ?? join(options.output, 'initrd.img')
  for (const file of [kernel, initrd]) requireReadable(file)
  const progress = terminalProgress()
  const qemu = await provideQemu(progress)
  progress.step(`booting ${kernel} with ${initrd}; Ctrl-A X ends the machine`)
  const machine = {
    kernel,
    initrd,
    memory: options.memory,
    ...(options.append === undefined ? {} : { append: options.append }),
    ...(options.kvm ? {} : { kvm: false }),
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(qemu.command, [...qemu.options, ...machineArguments(machine), '-nographic'], {
      stdio: 'inherit',
      env: qemu.environment,
    })
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (status !== 0)
    throw new CommandError(`QEMU ended with status ${status}`, 'what it said about it stands above')
}

function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw new CommandError(
      `${file} ${why}`,
      'npm run build makes output/vmlinuz and output/initrd.img; -o names another folder',
    )
  }
}

function memorySize(text: string): number {
  if (!/^[1-9]\d{1,6}$/.test(text)) throw new InvalidArgumentError('give it in MiB, such as 1024.')
  return Number(text)
}
