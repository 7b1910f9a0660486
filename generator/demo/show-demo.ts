import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { readableSize } from '../host/console/progress.ts'
import { type Machine, type MachineEnd, startMachine } from '../qemu/virtual-machine.ts'
import { publishSecondStage } from './published-stage.ts'
import { secondKernelParameters } from './second-stage.ts'

export interface DemoOptions {
  /** The folder with vmlinuz and initrd.img. */
  image: string
  /** Static programs. */
  busybox: string
  aria2c: string
  /** Takes the story, line by line. */
  say: (line: string) => void
  /** Ends the demo early. */
  signal: AbortSignal
}

/** Hard to carry: two blanks in a row, and all that a shell would take for its own. */
const secondParameters = `console=ttyS0 quiet no_timer_check greeting='hello,  second kernel; $(reboot) & * = #1'`

/** Seconds; a slow machine without KVM needs some 20. */
const patience = 240

/** The whole story: publish a second stage, boot the image, and see the second kernel get what it should. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { image, say, signal } = options
  const kernel = join(image, 'vmlinuz')
  const initrd = join(image, 'initrd.img')
  const sizes = await Promise.all([kernel, initrd].map(async file => readableSize((await stat(file)).size)))
  say('== 1. The image')
  say(`${kernel} (${sizes[0]}) and ${initrd} (${sizes[1]}): the first stage.`)
  say('')

  say('== 2. A second stage is published and served')
  const { busybox, aria2c } = options
  const stage = await publishSecondStage({
    ...{ image, busybox, aria2c, say, signal },
    nextKernelParams: secondParameters,
  })
  let machine: Machine | undefined
  const stop = () => machine?.stop()
  signal.addEventListener('abort', stop)
  try {
    const { line: append = '' } = stage.published
    say('')
    say('== 3. A machine is switched on (QEMU). Its kernel is told:')
    say(append)
    say('')
    say('== 4. Its console')
    const started = performance.now()
    machine = await startMachine({ kernel, initrd, append, limit: patience, onLine: say })
    if (signal.aborted) await machine.stop()
    const end = await machine.end
    const seconds = (performance.now() - started) / 1000
    say('')
    if (signal.aborted) return
    checkEnd(end)
    say('== 5. What happened')
    say(`The second kernel was told what it should be, byte for byte: ${secondParameters}`)
    for (const line of await stage.close()) say(line)
    say(`From power on to power off of the second kernel: ${seconds.toFixed(1)} s.`)
  } finally {
    signal.removeEventListener('abort', stop)
    await machine?.stop()
    await stage.close()
  }
}

function checkEnd({ console, reason, complaints }: MachineEnd): void {
  if (reason === 'failed')
    throw new CommandError(
      `QEMU failed: ${complaints.trim() || 'it gave no reason'}`,
      'see that QEMU works here',
    )
  const got = secondKernelParameters(console)
  if (got === undefined)
    throw new CommandError(
      reason === 'limit'
        ? `the second kernel did not come up within ${patience} s`
        : 'the machine went off and the second kernel did not come up',
      'the console above tells how far the boot came',
    )
  if (got !== secondParameters)
    throw new CommandError(
      `the second kernel was told\n  ${got}\nwhere it should have been\n  ${secondParameters}`,
      'the console above tells what the first stage started',
    )
}
